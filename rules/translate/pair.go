package translate

import (
	"fmt"
	"strings"
)

// SameText holds where two fields have the same text.
func SameText(a, b Field) Condition {
	return twoFields(a, b, "%s == %s", func(x, y string) bool { return x == y })
}

// Related holds where the text of the second field is in that of the first: at its start for startsWith, at its end for
// endsWith, and anywhere for contains.
func Related(a, b Field, operator string) Condition {
	holds := map[string]func(x, y string) bool{
		"startsWith": strings.HasPrefix,
		"endsWith":   strings.HasSuffix,
		"contains":   strings.Contains,
	}[operator]
	return twoFields(a, b, "%s."+operator+"(%s)", holds)
}

// twoFields is a condition on the texts of two fields, as CEL has it with %s for each.
func twoFields(a, b Field, cel string, holds func(x, y string) bool) Condition {
	x, wrapX := a.over("v")
	y, wrapY := b.over("w")
	return &pair{
		A:   a.Path,
		B:   b.Path,
		CEL: wrapX(wrapY(fmt.Sprintf(cel, x, y))),
		Holds: func(v, w any) bool {
			s, first := a.textOf(v)
			t, second := b.textOf(w)
			return first && second && holds(s, t)
		},
	}
}
