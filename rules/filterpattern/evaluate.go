package filterpattern

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Node is a part of a pattern: All, Any or a *Comparison.
type Node interface{ holds(event any) bool }

type (
	// All holds where each of its parts does.
	All []Node
	// Any holds where one of its parts does.
	Any []Node
)

// Comparison is one property with what it must be.
type Comparison struct {
	Selector Selector
	// Operator is =, !=, <, <=, >, >=, IS NULL, IS TRUE, IS FALSE or NOT EXISTS.
	Operator string
	// Text is what the property is compared with, without the stars at its ends; of a regular expression its own text.
	Text string
	// Before and Behind say that any text may stand there.
	Before, Behind bool
	Number         *float64       // where the text is a number without quotation marks
	Regexp         *regexp.Regexp // in place of all that
}

// literal takes a text over. A star is any text before or behind it; within a text it is a star (CloudWatch Logs User
// Guide of 2018: "Ev*ent will only match the actual string Ev*ent").
func (c *Comparison) literal(text string, quoted bool) error {
	if !quoted && numeral.MatchString(text) {
		number, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return errors.New("the number " + text + " is too large")
		}
		c.Number = &number
	}
	text, c.Before = strings.CutPrefix(text, "*")
	c.Text, c.Behind = strings.CutSuffix(text, "*")
	return nil
}

// ordered reports whether the operator compares by size.
func (c *Comparison) ordered() bool { return c.Operator[0] == '<' || c.Operator[0] == '>' }

// Event is a log event. One that is no JSON object matches no pattern.
type Event struct{ fields map[string]any }

// Read reads the text of a log event.
func Read(text []byte) Event {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var fields map[string]any
	if decoder.Decode(&fields) != nil {
		return Event{}
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return Event{}
	}
	return Event{fields}
}

// Matches reports whether a log event matches.
func (p *Pattern) Matches(event Event) bool { return event.fields != nil && p.root.holds(event.fields) }

func (n All) holds(event any) bool {
	return !slices.ContainsFunc(n, func(one Node) bool { return !one.holds(event) })
}

func (n Any) holds(event any) bool {
	return slices.ContainsFunc(n, func(one Node) bool { return one.holds(event) })
}

// holds reports whether one of the values that the selector leads to is as it must be. The guide does not say what !=
// does where there is none: it does not hold here, as it does not for a list or an object, of which the guide says so.
func (c *Comparison) holds(event any) bool {
	values := c.Selector.values(event)
	if c.Operator == "NOT EXISTS" {
		return len(values) == 0
	}
	return slices.ContainsFunc(values, c.is)
}

func (c *Comparison) is(value any) bool {
	switch c.Operator {
	case "IS NULL":
		return value == nil
	case "IS TRUE":
		return value == true
	case "IS FALSE":
		return value == false
	}
	text, ok := textOf(value)
	if !ok {
		return false
	}
	if c.ordered() {
		number, isNumber := value.(json.Number)
		size, err := number.Float64()
		return isNumber && err == nil && c.inOrder(size)
	}
	return c.like(text) == (c.Operator == "=")
}

// like reports whether the text of a value node is as the comparison says.
func (c *Comparison) like(text string) bool {
	if c.Regexp != nil {
		return c.Regexp.MatchString(text)
	}
	if c.Number != nil {
		if size, err := strconv.ParseFloat(text, 64); err == nil && size == *c.Number {
			return true
		}
	}
	switch {
	case c.Before && c.Behind:
		return strings.Contains(text, c.Text)
	case c.Before:
		return strings.HasSuffix(text, c.Text)
	case c.Behind:
		return strings.HasPrefix(text, c.Text)
	}
	return text == c.Text
}

func (c *Comparison) inOrder(size float64) bool {
	switch c.Operator {
	case "<":
		return size < *c.Number
	case "<=":
		return size <= *c.Number
	case ">":
		return size > *c.Number
	}
	return size >= *c.Number
}
