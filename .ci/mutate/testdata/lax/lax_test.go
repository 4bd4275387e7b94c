package lax

import "testing"

func TestJoin(*testing.T) { _ = Join("a", "b") }
