package filterpattern

import (
	"errors"
	"fmt"
	"strings"
)

// The quotas of patterns (CloudWatch Logs User Guide, "Supported regular expressions syntax" and "Using filter patterns
// to match terms in JSON log events").
const (
	// MaxRegexps is how many regular expressions a pattern may have.
	MaxRegexps = 2
	// MaxRegexpPatterns is how many patterns with a regular expression a log group may have.
	MaxRegexpPatterns = 5
	// maxWildcards is how many wildcard selectors a pattern may have, and a property selector one.
	maxWildcards = 3
	// MaxFilters is how many metric filters a log group may have (CloudWatch Logs quotas).
	MaxFilters = 100
)

// Check says what CloudWatch Logs refuses in a pattern, all of it; nil where it takes the pattern.
func (p *Pattern) Check() error {
	var c checker
	c.node(p.root)
	if c.regexps > MaxRegexps {
		c.refuse("the pattern has %d regular expressions; CloudWatch Logs takes at most %d", c.regexps, MaxRegexps)
	}
	if c.wildcards > maxWildcards {
		c.refuse("the pattern has %d wildcard selectors; CloudWatch Logs takes at most %d", c.wildcards, maxWildcards)
	}
	return errors.Join(c.errs...)
}

// Regexps is how many regular expressions the pattern has.
func (p *Pattern) Regexps() int {
	var c checker
	c.node(p.root)
	return c.regexps
}

type checker struct {
	errs               []error
	regexps, wildcards int
}

func (c *checker) refuse(format string, args ...any) {
	c.errs = append(c.errs, fmt.Errorf(format, args...))
}

func (c *checker) node(n Node) {
	switch n := n.(type) {
	case All:
		for _, one := range n {
			c.node(one)
		}
	case Any:
		for _, one := range n {
			c.node(one)
		}
	case *Comparison:
		c.comparison(n)
	}
}

func (c *checker) comparison(of *Comparison) {
	wild := 0
	for _, step := range of.Selector {
		if step.Wild() {
			wild++
		}
	}
	if c.wildcards += wild; wild > 1 {
		c.refuse("a property selector has %d wildcards; CloudWatch Logs takes at most one", wild)
	}
	if of.Regexp == nil {
		return
	}
	c.regexps++
	if err := CheckRegexp(of.Text); err != nil {
		c.errs = append(c.errs, err)
	}
}

// symbols are the characters of a regular expression that are neither letters nor digits, and classes the letters that
// may stand behind a backslash.
const (
	symbols = `_#=@/;,-^$?[]{}|\*+.`
	classes = "dDsSwWx"
)

// CheckRegexp says why CloudWatch Logs would refuse a regular expression: it takes letters, digits and a few symbols,
// and no parentheses.
func CheckRegexp(expression string) error {
	refuse := func(what string) error {
		return fmt.Errorf("the regular expression %.40q has %s, which CloudWatch Logs refuses", expression, what)
	}
	for i := 0; i < len(expression); i++ {
		b := expression[i]
		escaped := b == '\\' && i+1 < len(expression)
		if escaped {
			i++
			b = expression[i]
		}
		switch {
		case b >= 0x80:
			return refuse("a character that is not ASCII")
		case escaped && isAlphanumeric(b) && !strings.ContainsRune(classes, rune(b)):
			return refuse(fmt.Sprintf("%q behind a backslash", b))
		case !isAlphanumeric(b) && !strings.ContainsRune(symbols, rune(b)):
			return refuse(fmt.Sprintf("%q", b))
		}
	}
	return nil
}

func isAlphanumeric(b byte) bool {
	return b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z'
}
