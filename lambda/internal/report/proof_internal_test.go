package report

import (
	"fmt"
	"testing"
)

// TestProofsAreBounded: so many are remembered, and one more begins anew.
func TestProofsAreBounded(t *testing.T) {
	var p proofs
	if p.has("") || p.has("0") {
		t.Error("what was never added is proven")
	}
	for i := range maxProofs {
		p.add(fmt.Sprint(i))
	}
	if !p.has("0") || !p.has(fmt.Sprint(maxProofs-1)) {
		t.Error("one is forgotten too early")
	}
	p.add("more")
	if p.has("0") || !p.has("more") {
		t.Error("more are remembered than there may be, or the last is not")
	}
	p.add("")
	if p.has("") {
		t.Error("no digest proves a message")
	}
}
