package metricfilter

import (
	"errors"
	"fmt"
	"slices"
	"strconv"

	"trailkeeper/rules/filterpattern"
	"trailkeeper/rules/translate"
)

// maxPattern is how long a pattern may be.
const maxPattern = filterpattern.MaxLength

// Parse translates a pattern. The error says what cannot be translated, in one sentence.
//
// A comparison with a field that is missing does not hold, != included; only NOT EXISTS holds for it, and IS NULL, as
// the rules take null and missing for the same.
func Parse(pattern string) (translate.Condition, error) {
	p, err := filterpattern.Parse(pattern)
	if err != nil {
		return nil, err
	}
	c, err := condition(p.Root())
	if err == nil && c == translate.Constant(false) {
		err = errors.New("the pattern never matches")
	}
	return c, err
}

func condition(n filterpattern.Node) (translate.Condition, error) {
	switch n := n.(type) {
	case filterpattern.All:
		return joined(n, translate.And)
	case filterpattern.Any:
		return joined(n, translate.Or)
	case *filterpattern.Comparison:
		return comparison(n)
	}
	return nil, errors.New("the pattern is not understood")
}

func joined(
	parts []filterpattern.Node, by func(...translate.Condition) translate.Condition,
) (translate.Condition, error) {
	var all []translate.Condition
	for _, one := range parts {
		c, err := condition(one)
		if err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	return by(all...), nil
}

// field is the field of a property selector. Of lists all elements are meant where the selector has a star.
func field(s filterpattern.Selector) (translate.Field, error) {
	var path translate.Path
	for _, step := range s {
		switch step.Kind {
		case filterpattern.Member:
			path.Steps = append(path.Steps, step.Name)
		case filterpattern.Element:
			path.Steps = append(path.Steps, strconv.Itoa(step.Index))
		case filterpattern.EveryElement:
			path.Through = true
		case filterpattern.EveryMember:
			return translate.Field{}, errors.New("a rule names its fields, and $.* is any")
		}
	}
	return translate.Field{Path: path, AsText: !translate.IsText(path.String())}, nil
}

// comparison is a property with what it must be.
func comparison(c *filterpattern.Comparison) (translate.Condition, error) {
	f, err := field(c.Selector)
	if err != nil {
		return nil, err
	}
	switch {
	case c.Operator == "IS TRUE":
		return f.Is(true), nil
	case c.Operator == "IS FALSE":
		return f.Is(false), nil
	case c.Operator == "IS NULL", c.Operator == "NOT EXISTS":
		return translate.Negate(f.Exists()), nil
	case c.Regexp != nil:
		return expression(f, c)
	case c.Operator == "=":
		return translate.Like(f, wildcards(c)), nil
	case c.Operator == "!=":
		return translate.Differs(f, wildcards(c)), nil
	}
	return translate.Compare(f, c.Operator, c.Text)
}

func expression(f translate.Field, c *filterpattern.Comparison) (translate.Condition, error) {
	matches, err := translate.Matches(f, c.Text)
	if err != nil {
		return nil, fmt.Errorf("the regular expression %%%s%% cannot be translated: %w", c.Text, err)
	}
	if c.Operator == "!=" {
		return translate.And(f.Exists(), translate.Negate(matches)), nil
	}
	return matches, nil
}

// wildcards is the text with its stars; one within the text is a star.
func wildcards(c *filterpattern.Comparison) []rune {
	star, pattern := []rune{translate.Star}, []rune(c.Text)
	if c.Before {
		pattern = slices.Concat(star, pattern)
	}
	if c.Behind && (c.Text != "" || !c.Before) {
		pattern = slices.Concat(pattern, star)
	}
	return pattern
}
