package compare

import (
	"context"
	"strings"

	"trailkeeper/lambda/internal/warden/check"
)

// Kind is how the values of a field are compared.
type Kind func(want, got any) bool

// Field is a property that is compared.
type Field struct {
	// Name is the property's in the template, such as "RetryPolicy.MaximumRetryAttempts".
	Name string
	// Got is where the API has it; empty: as Name.
	Got string
	// Default is what the API answers where the template has nothing; nil: nothing.
	Default any
	// Same compares; nil: Scalar.
	Same Kind
	// Hidden says that the values are not shown, but Digests of them.
	Hidden bool
}

// Fields compares properties of a template with what an API answers, and returns a difference for each that is not the
// same, in the order of the fields, without a repair.
func Fields(want, got map[string]any, fields ...Field) []check.Difference {
	var out []check.Difference
	for _, f := range fields {
		w, g := At(want, f.Name), At(got, f.got())
		if w == nil {
			w = f.Default
		}
		if g == nil {
			g = f.Default
		}
		if same := f.Same; same == nil && Scalar(w, g) || same != nil && same(w, g) {
			continue
		}
		d := check.Difference{Field: f.Name, Want: Show(w), Got: Show(g)}
		if f.Hidden {
			d.Want, d.Got = Digest(w), Digest(g)
		}
		out = append(out, d)
	}
	return out
}

func (f Field) got() string {
	if f.Got != "" {
		return f.Got
	}
	return f.Name
}

// At is the value at a path of names with dots between them; nil where there is none.
func At(of map[string]any, path string) any {
	var v any = of
	for name := range strings.SplitSeq(path, ".") {
		object, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = object[name]
	}
	return v
}

// With gives every difference the same repair, or none, and the same next step.
func With(all []check.Difference, repair func(context.Context) error, next string) []check.Difference {
	for i := range all {
		all[i].Repair, all[i].Next = repair, next
	}
	return all
}

// ByName says of the repair of every difference that it needs no name but the resource's.
func ByName(all []check.Difference) []check.Difference {
	for i := range all {
		all[i].ByName = true
	}
	return all
}

// Missing is the difference of a resource that is gone, whose kind is in AWS's words, such as "rule".
func Missing(kind, name string) check.Difference {
	return check.Difference{Field: check.MissingField, Want: "the " + kind + " " + Show(name), Got: "none"}
}
