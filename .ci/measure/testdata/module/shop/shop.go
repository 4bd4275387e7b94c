// Package shop has one of each.
package shop

// Used is used by package user.
func Used() *Handed { return &Handed{Inner: Inner{N: 1}} }

// Handed is what Used gives, with what it carries.
type Handed struct{ Inner Inner }

// Inner is handed over, too.
type Inner struct{ N int }

// OnlyTested is used by the tests of this package.
const OnlyTested = 1

// Unused is used by nobody.
func Unused() {}

// Wide has seven methods.
type Wide interface {
	A()
	B()
	C()
	D()
	E()
	F()
	G()
}

// Narrow has six.
type Narrow interface {
	A()
	B()
	C()
	D()
	E()
	F()
}

type base struct{}

func (base) one() {}
func (base) two() {}

type derived struct {
	base
	error // of the standard library: not counted
}

func (*derived) three() {}

type pairs struct{ A, B, C, D int }

var (
	crowded = pairs{A: 1, B: 2, C: 3, D: 4}
	few     = pairs{A: 1, B: 2, C: 3}
	spread  = pairs{
		A: 1,
		B: 2,
		C: 3,
		D: 4,
	}
)

func (d *derived) tangled(n int, c chan int) bool { // 1
	if n > 1 && n < 9 || n == 11 { // 4
		return true
	}
	for range n { // 5
		func() {
			for { // 6
			}
		}()
	}
	switch n {
	case 1, 2: // 7
	default:
	}
	select {
	case <-c: // 8
	default:
	}
	return false
}

const exactly120 = "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456é"
const above120 = "01234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890é"
