package translate

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Field makes conditions on one field.
type Field struct {
	Path Path
	// Fold compares without regard to case.
	Fold bool
	// AsText takes a number, true, false, a list or an object as the text that it is written as. Without it the rule's
	// language asks for a text, and anything else is an error of the rule on that record.
	AsText bool

	differs bool // the condition is that a value does not meet it
}

// over is the expression for the field's value, and wrap finishes the condition that it stands in. A path through lists
// has a variable for the value.
func (f Field) over(variable string) (text string, wrap func(string) string) {
	text, wrap = f.Path.CEL(), func(condition string) string { return condition }
	if f.Path.Through {
		text = variable
		wrap = func(condition string) string {
			return fmt.Sprintf("values(record, %s).exists(%s, %s)", quote(f.Path.String()), variable, condition)
		}
	}
	if f.AsText {
		text = "text(" + text + ")"
	}
	if f.Fold {
		text += ".lower()"
	}
	return text, wrap
}

// textOf is a value of the field as the condition sees it.
func (f Field) textOf(value any) (string, bool) {
	text, ok := value.(string)
	if !ok && f.AsText && value != nil {
		text, ok = asText(value), true
	}
	return f.fold(text), ok
}

func (f Field) fold(text string) string {
	if f.Fold {
		return strings.ToLower(text)
	}
	return text
}

// text is a condition on the field's text. CEL has the field in place of %s.
func (f Field) text(cel string, holds func(string) bool, yes, no []string) *Atom {
	subject, wrap := f.over("v")
	cel = strings.Replace(cel, "%s", subject, 1)
	if f.differs {
		cel, yes, no = "!("+cel+")", no, yes
	}
	a := &Atom{
		Path: f.Path,
		CEL:  wrap(cel),
		Holds: func(value any) bool {
			text, ok := f.textOf(value)
			return ok && holds(text) != f.differs
		},
		Yes: values(yes),
		No:  values(no),
	}
	if len(f.Path.Steps) == 0 { // the whole record
		p := Dotted("requestParameters.keyword")
		a.Put = &p
	}
	return a
}

func values(texts []string) []any {
	var all []any
	for _, t := range texts {
		all = append(all, t)
	}
	return all
}

// asText is a value as the function text of the rules' language writes it.
func asText(value any) string {
	if text, ok := value.(string); ok {
		return text
	}
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if encoder.Encode(value) != nil {
		return ""
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// Equals holds where the field is one of the texts.
func (f Field) Equals(texts ...string) Condition {
	var quoted, yes, no []string
	wanted := map[string]bool{}
	for _, t := range texts {
		if t = f.fold(t); !wanted[t] {
			wanted[t], quoted = true, append(quoted, quote(t))
		}
	}
	for _, t := range texts {
		yes = append(yes, t)
		no = append(no, t+"OrElse", "Not"+t)
	}
	if f.Fold && len(texts) > 0 {
		yes = append(yes, swapped(texts[0]))
	}
	holds := func(text string) bool { return wanted[text] }
	if len(wanted) != 1 {
		return f.text("%s in ["+strings.Join(quoted, ", ")+"]", holds, yes, no)
	}
	a := f.text("%s == "+quoted[0], holds, yes, no)
	if !f.Path.Through {
		a.Opposite = strings.Replace(a.CEL, " == ", " != ", 1)
		if strings.Contains(f.Path.CEL(), " == ") {
			a.Opposite = ""
		}
	}
	return a
}

// swapped is a text with its letters in the other case.
func swapped(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsUpper(r) {
			return unicode.ToLower(r)
		}
		return unicode.ToUpper(r)
	}, text)
}

// StartsWith holds where the field begins with the text.
func (f Field) StartsWith(text string) Condition {
	t := f.fold(text)
	return f.text("%s.startsWith("+quote(t)+")", func(s string) bool { return strings.HasPrefix(s, t) },
		[]string{text, text + "-1"}, []string{"Not" + text, shorter(text)})
}

// EndsWith holds where the field ends with the text.
func (f Field) EndsWith(text string) Condition {
	t := f.fold(text)
	return f.text("%s.endsWith("+quote(t)+")", func(s string) bool { return strings.HasSuffix(s, t) },
		[]string{text, "a" + text}, []string{text + "OrElse", shorter(text)})
}

// Contains holds where the text is somewhere in the field.
func (f Field) Contains(text string) Condition {
	t := f.fold(text)
	a := f.text("%s.contains("+quote(t)+")", func(s string) bool { return strings.Contains(s, t) },
		[]string{text, "a" + text + "b"}, []string{shorter(text), "a-b"})
	if f.AsText && !f.differs {
		a.Yes = append(a.Yes, map[string]any{"name": text}) // for a field that another condition looks into
	}
	return a
}

func shorter(text string) string {
	if runes := []rune(text); len(runes) > 0 {
		return string(runes[:len(runes)-1])
	}
	return text
}

// InNetwork holds where the field is an address of the network. The error says what is wrong in it.
func InNetwork(f Field, network string) (Condition, error) {
	prefix, err := netip.ParsePrefix(network)
	if address, of := netip.ParseAddr(network); err != nil && of == nil {
		prefix, err = netip.PrefixFrom(address, address.BitLen()), nil
	}
	if err != nil {
		return nil, fmt.Errorf("%.60q is no network, such as 10.0.0.0/8", network)
	}
	f.Fold = false
	holds := func(s string) bool {
		address, err := netip.ParseAddr(s)
		return err == nil && prefix.Contains(address.Unmap())
	}
	outside := []string{"192.0.2.1", "203.0.113.1", "2001:db8:ffff::1", "example.com"}
	return f.text("%s.cidr("+quote(prefix.Masked().String())+")", holds,
		[]string{prefix.Masked().Addr().String()}, outside), nil
}

// Exists holds where the field is there.
func (f Field) Exists() Condition {
	a := &Atom{
		Path:  f.Path,
		CEL:   f.Path.has(),
		Holds: func(value any) bool { return value != nil },
		Yes:   []any{"some-value"},
		No:    []any{nil},
	}
	if f.Path.Through {
		a.CEL = "values(record, " + quote(f.Path.String()) + ").size() > 0"
	}
	return a
}

// Is holds where the field is true, or false, as wanted.
func (f Field) Is(want bool) Condition {
	f.Fold, f.AsText = false, false
	subject, wrap := f.over("v")
	return &Atom{
		Path:  f.Path,
		CEL:   wrap(subject + " == " + strconv.FormatBool(want)),
		Holds: func(value any) bool { return value == want },
		Yes:   []any{want},
		No:    []any{!want},
	}
}

// Compare holds where the field is a number and less than, or otherwise as the operator says to, the given one: the
// operators are those of CEL.
func Compare(f Field, operator, number string) (Condition, error) {
	than, err := strconv.ParseFloat(number, 64)
	if err != nil {
		return nil, fmt.Errorf("%q is no number", number)
	}
	f.Fold, f.AsText = false, false
	subject, wrap := f.over("v")
	a := &Atom{
		Path: f.Path,
		CEL:  wrap(subject + " " + operator + " " + written64(than)),
		Holds: func(value any) bool {
			n, ok := number64(value)
			return ok && Holds(operator, n, than)
		},
	}
	for _, n := range []float64{than, than + 1, than - 1} {
		if a.Holds(n) {
			a.Yes = append(a.Yes, n)
		} else {
			a.No = append(a.No, n)
		}
	}
	return a, nil
}

func written64(n float64) string { return strconv.FormatFloat(n, 'f', -1, 64) }

func number64(value any) (float64, bool) {
	switch v := value.(type) {
	case float64:
		return v, true
	case json.Number:
		n, err := v.Float64()
		return n, err == nil
	}
	return 0, false
}

// Holds reports whether a comparison of numbers is true: <, <=, >, >=, == or !=.
func Holds(operator string, a, b float64) bool {
	switch operator {
	case "<":
		return a < b
	case "<=":
		return a <= b
	case ">":
		return a > b
	case ">=":
		return a >= b
	case "==":
		return a == b
	}
	return a != b
}

// Length holds where the field is a text of so many characters: the operators are those of CEL.
func (f Field) Length(operator string, than int) Condition {
	a := f.text("%s.size() "+operator+" "+strconv.Itoa(than), func(s string) bool {
		return Holds(operator, float64(utf8.RuneCountInString(s)), float64(than))
	}, nil, nil)
	for _, n := range []int{than, than + 1, than - 1} {
		text := strings.Repeat("x", min(max(n, 0), maxSample))
		if a.Holds(text) {
			a.Yes = append(a.Yes, text)
		} else {
			a.No = append(a.No, text)
		}
	}
	return a
}

// PartOf holds where the field is somewhere in the text.
func (f Field) PartOf(text string) Condition {
	subject, wrap := f.over("v")
	a := f.text("", func(s string) bool { return strings.Contains(text, s) }, []string{text, shorter(text)},
		[]string{text + "OrElse"})
	a.CEL = wrap(quote(text) + ".contains(" + subject + ")")
	return a
}

// Listed holds where the field is one of a named list's values, or has one of them at its start (startswith), its end
// (endswith) or anywhere (contains). What the list has is not known, so that no record can be made that meets it.
func Listed(f Field, name, place string) Condition {
	subject, wrap := f.over("v")
	item := "i"
	if f.Fold {
		item += ".lower()"
	}
	method := map[string]string{
		"startswith": subject + ".startsWith(" + item + ")",
		"endswith":   subject + ".endsWith(" + item + ")",
		"contains":   subject + ".contains(" + item + ")",
	}[place]
	cel := "list(" + quote(name) + ").exists(i, " + method + ")"
	if method == "" {
		whole := f
		whole.Fold = false
		plain, _ := whole.over("v")
		cel = plain + " in list(" + quote(name) + ") || list(" + quote(name) + ").exists(i, " + item + " == " + subject + ")"
	}
	return &Atom{
		Path:  f.Path,
		CEL:   "(" + wrap(cel) + ")",
		Holds: func(any) bool { return false },
		No:    []any{"none-of-them"},
	}
}
