package kinds

import "testing"

func TestNothing(*testing.T) { _, _, _, _, _ = conditions, statements, pair, generated, list }
