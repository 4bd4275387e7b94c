package shop

import "testing"

func TestExported(t *testing.T) {
	_, _, _, _, _, _ = OnlyTested, crowded, few, spread, exactly120, above120
	t.Log((&derived{}).tangled(1, nil))
} // long

// long long long long long long long long long long long long long long long long long long long long long long long long.
