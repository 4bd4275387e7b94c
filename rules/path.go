package rules

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

var pathStep = regexp.MustCompile(`^([A-Za-z0-9_-]+)((?:\[[0-9]+\])*)$`)

// parsePath reads the part of JSONPath that EventBridge takes: dots, names and array indexes.
func parsePath(path string) ([]any, error) {
	if path == "$" {
		return nil, nil
	}
	rest, ok := strings.CutPrefix(path, "$.")
	if !ok {
		return nil, fmt.Errorf("%q is no JSONPath (want $.name.name)", path)
	}
	var steps []any
	for part := range strings.SplitSeq(rest, ".") {
		m := pathStep.FindStringSubmatch(part)
		if m == nil {
			return nil, fmt.Errorf("%q is no JSONPath (want $.name.name)", path)
		}
		steps = append(steps, m[1])
		for index := range strings.SplitSeq(strings.Trim(m[2], "[]"), "][") {
			if index == "" {
				continue
			}
			i, err := strconv.Atoi(index)
			if err != nil {
				return nil, fmt.Errorf("%q: index %q is too large", path, index)
			}
			steps = append(steps, i)
		}
	}
	return steps, nil
}

// walk follows the steps; what is not there is nil.
func walk(v any, steps []any) any {
	for _, step := range steps {
		switch step := step.(type) {
		case string:
			object, ok := v.(map[string]any)
			if !ok {
				return nil
			}
			v = object[step]
		case int:
			list, ok := v.([]any)
			if !ok || step >= len(list) {
				return nil
			}
			v = list[step]
		}
	}
	return v
}
