package python

import (
	"fmt"
	"slices"
	"strings"
)

// cursor takes tokens one by one. The last is the end, which is never passed.
type cursor struct {
	all []token
	at  int
	// comma are the literals that stand side by side.
	comma []token
}

func (c *cursor) peek() token { return c.all[c.at] }

func (c *cursor) take() token {
	t := c.all[c.at]
	if t.kind != end {
		c.at++
	}
	if t.joined {
		c.comma = append(c.comma, t)
	}
	return t
}

// back puts the last token back.
func (c *cursor) back() { c.at = max(0, c.at-1) }

// before reports whether the mark is the n-th token from here backwards.
func (c *cursor) before(n int, text string) bool {
	return c.at >= n && c.all[c.at-n].kind == mark && c.all[c.at-n].text == text
}

func (c *cursor) is(kind kind, texts ...string) bool {
	t := c.peek()
	return t.kind == kind && slices.Contains(texts, t.text)
}

func (c *cursor) accept(kind kind, text string) bool {
	if !c.is(kind, text) {
		return false
	}
	c.take()
	return true
}

func (c *cursor) want(text string) {
	if !c.accept(mark, text) {
		fail("%q is missing before %s", text, shown(c.peek()))
	}
}

// operator takes an operator of a comparison, and is empty where there is none.
func (c *cursor) operator() string {
	switch t := c.peek(); {
	case t.kind == mark && slices.Contains([]string{"==", "!=", "<", "<=", ">", ">="}, t.text):
		c.take()
		return t.text
	case c.accept(name, "in"):
		return "in"
	case c.is(name, "not") && c.all[c.at+1].kind == name && c.all[c.at+1].text == "in":
		c.take()
		c.take()
		return "not in"
	case c.accept(name, "is"):
		if c.accept(name, "not") {
			return "is not"
		}
		return "is"
	}
	return ""
}

// statements are words that begin what is no expression.
var statements = strings.Fields("assert async await break class continue def del except finally for from global if " +
	"import lambda nonlocal pass raise return try while with yield")

// unexpected says what is wrong with a token that nothing leads to.
func (c *cursor) unexpected(t token) string {
	switch {
	case t.kind == mark:
		return unexpectedMark(t)
	case t.kind == name && t.text == "for":
		return "a comprehension cannot be translated; name the fields one by one"
	case t.kind == name && slices.Contains(statements, t.text):
		return fmt.Sprintf("%q belongs to a statement, and a rule is one expression", t.text)
	case c.at > 0 && t.kind != end:
		return fmt.Sprintf("%s follows %s without an operator; is a comma missing between two rules?", shown(t),
			shown(c.all[c.at-1]))
	}
	return shown(t) + " is not expected here"
}

func unexpectedMark(t token) string {
	switch {
	case t.text == ",":
		return "a comma stands between expressions; if it separates rules, the rules want another separator, and if it " +
			"is part of one, brackets around it"
	case strings.HasSuffix(t.text, "="):
		return fmt.Sprintf("%q assigns, and a rule is one expression; == compares", t.text)
	case t.text == ";":
		return "a semicolon separates statements, and a rule is one expression"
	}
	return shown(t) + " is not expected here"
}

func shown(t token) string {
	switch t.kind {
	case end:
		return "the end"
	case str:
		return "the text " + quoted(t.text)
	}
	return quoted(t.text)
}

func quoted(text string) string {
	if runes := []rune(text); len(runes) > 40 {
		text = string(runes[:40]) + "…"
	}
	return fmt.Sprintf("%q", text)
}
