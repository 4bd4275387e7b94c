package python

import "strings"

// Text is a text literal in a Python file.
type Text struct {
	Text string
	Line int
	// Name is what it is assigned or appended to, and InList says that it is one of a list.
	Name   string
	InList bool
	// Joined says that it is written in several parts side by side.
	Joined bool
	// Err says why its value is not known.
	Err error
}

// Texts finds the literals of lists that are assigned to a name, and of calls of append and extend.
func Texts(source string) ([]Text, error) {
	all, err := tokens(source)
	if err != nil {
		return nil, err
	}
	var found []Text
	var brackets []string
	owner := ""
	for i, t := range all {
		switch {
		case t.kind == mark && strings.Contains("([{", t.text):
			if len(brackets) == 0 {
				owner = ownerOf(all[:i])
			}
			brackets = append(brackets, t.text)
		case t.kind == mark && strings.Contains(")]}", t.text):
			brackets = brackets[:max(0, len(brackets)-1)]
		case t.kind == str && len(brackets) > 0:
			one := Text{
				Text:   t.text,
				Line:   t.line,
				Name:   owner,
				InList: brackets[len(brackets)-1] != "(" || len(brackets) > 1,
				Joined: t.joined,
			}
			if t.formatted {
				one.Err = errFormatted
			}
			found = append(found, one)
		}
	}
	return found, nil
}

// maxBefore is how many words before a bracket can belong to it.
const maxBefore = 12

// ownerOf is the name before a bracket: name = [, name: type = [, name += [, name.append(.
func ownerOf(before []token) string {
	line := -1
	first := ""
	for i := len(before) - 1; i >= max(0, len(before)-maxBefore); i-- {
		t := before[i]
		if line >= 0 && t.line != line {
			break
		}
		line = t.line
		if t.kind == name {
			first = t.text
		}
	}
	return first
}

// Split splits a text of Python at the commas that stand in no brackets and in no literal.
func Split(source string) []string {
	var parts []string
	var quote string
	depth, from := 0, 0
	for at := 0; at < len(source); at++ {
		c := source[at]
		switch {
		case quote != "":
			if c == '\\' {
				at++
			} else if strings.HasPrefix(source[at:], quote) {
				quote = ""
			}
		case c == '"' || c == '\'':
			quote = string(c)
		case c == '(' || c == '[' || c == '{':
			depth++
		case c == ')' || c == ']' || c == '}':
			depth = max(0, depth-1)
		case c == ',' && depth == 0:
			parts = append(parts, source[from:at])
			from = at + 1
		}
	}
	return append(parts, source[from:])
}
