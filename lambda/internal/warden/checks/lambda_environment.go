package checks

import (
	"fmt"
	"maps"
	"slices"

	"trailkeeper/lambda/config/deployment"
	"trailkeeper/lambda/internal/awsapi"
	"trailkeeper/lambda/internal/warden/check"
	"trailkeeper/lambda/internal/warden/compare"
)

// maxVariables bounds the variables that are named one by one.
const maxVariables = 10

// environmentOf compares the names and values of a function's variables. A value is never shown: somebody may have put a
// secret there. Where Lambda could not decrypt them, they are unknown.
func environmentOf(of deployment.Deployed, got map[string]any) ([]check.Difference, error) {
	environment := awsapi.Object(got["Environment"])
	if failed := awsapi.Object(environment["Error"]); len(failed) > 0 {
		return nil, fmt.Errorf("the environment variables of %s cannot be read: %s", compare.Show(of.Name),
			compare.Show(failed["ErrorCode"]))
	}
	want := awsapi.Object(compare.At(of.Properties, "Environment.Variables"))
	there := awsapi.Object(environment["Variables"])
	names := map[string]bool{}
	for _, variables := range []map[string]any{want, there} {
		for name := range variables {
			names[name] = true
		}
	}
	var out []check.Difference
	more := 0
	for _, name := range slices.Sorted(maps.Keys(names)) {
		wanted, deployed := want[name]
		found, set := there[name]
		switch {
		case deployed == set && compare.Scalar(wanted, found):
		case len(out) == maxVariables:
			more++
		default:
			out = append(out, check.Difference{
				Field: "Environment." + compare.Show(name), Want: digestOf(wanted, deployed), Got: digestOf(found, set),
			})
		}
	}
	if more > 0 {
		out = append(out, check.Difference{
			Field: "Environment", Want: "as deployed", Got: fmt.Sprintf("%d more variables that differ", more),
		})
	}
	return out, nil
}

func digestOf(v any, there bool) string {
	if !there {
		return "none"
	}
	return compare.Digest(v)
}
