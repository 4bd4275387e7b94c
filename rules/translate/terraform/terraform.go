// Package terraform reads the texts that Terraform configuration gives to arguments: literals, heredocs, references to
// locals and variables, and the functions that put lists and texts together.
//
// It knows no provider, module or state. What only Terraform can know has no text here, and the reason is given.
package terraform

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"trailkeeper/rules/translate"
)

// Piece is a text, and the line it comes from.
type Piece struct {
	Text string
	translate.Place
}

// Value is a text in pieces, or a list of values.
type Value struct {
	Pieces []Piece
	List   []Value
	IsList bool
}

// String is the value's text. A list has none.
func (v Value) String() string {
	var b strings.Builder
	for _, p := range v.Pieces {
		b.WriteString(p.Text)
	}
	return b.String()
}

// Block is a block with its own arguments: a module, a resource, or the file itself, which has no type.
type Block struct {
	Type   string
	Labels []string
	translate.Place

	scope *scope
	body  hclsyntax.Attributes
}

// Config is what several files say together.
type Config struct {
	Blocks []Block
	// Problems are what is no Terraform. What is, stands in the blocks.
	Problems []translate.Note
	// Joined are text literals side by side, which lack a comma between them. Their texts are joined.
	Joined []translate.Place

	scope *scope
}

// scope is what expressions refer to.
type scope struct {
	locals, variables map[string]hclsyntax.Expression
	used              map[string]bool // locals that an evaluation has met
	steps             int
}

// Read reads files, which see each other's locals and variables.
func Read(sources []translate.Source) *Config {
	s := &scope{
		locals:    map[string]hclsyntax.Expression{},
		variables: map[string]hclsyntax.Expression{},
		used:      map[string]bool{},
	}
	c := &Config{scope: s}
	for _, source := range sources {
		text, joined, deep := join(source)
		if deep {
			at := translate.Place{File: source.Name, Line: 1}
			c.Problems = append(c.Problems, translate.Note{Place: at, Text: "not Terraform: it is nested too deep"})
			continue
		}
		c.Joined = append(c.Joined, joined...)
		file, diagnostics := hclsyntax.ParseConfig([]byte(text), source.Name, hcl.InitialPos)
		for _, d := range diagnostics {
			if d.Severity == hcl.DiagError && d.Summary != "Attribute redefined" {
				c.Problems = append(c.Problems, note(source.Name, d))
			}
		}
		if file == nil {
			continue
		}
		if body, ok := file.Body.(*hclsyntax.Body); ok {
			c.body("", nil, body, translate.Place{File: source.Name, Line: 1})
		}
	}
	return c
}

func note(file string, d *hcl.Diagnostic) translate.Note {
	n := translate.Note{Place: translate.Place{File: file, Line: 1}, Text: "not Terraform: " + d.Summary}
	if d.Subject != nil {
		n.Line = d.Subject.Start.Line
	}
	if d.Detail != "" {
		n.Text += ": " + strings.Join(strings.Fields(d.Detail), " ")
	}
	return n
}

func (c *Config) body(kind string, labels []string, body *hclsyntax.Body, at translate.Place) {
	switch {
	case kind == "locals" || kind == "local":
		for name, a := range body.Attributes {
			c.scope.locals[name] = a.Expr
		}
	case kind == "variable" && len(labels) == 1 && body.Attributes["default"] != nil:
		if c.scope.variables[labels[0]] == nil {
			c.scope.variables[labels[0]] = body.Attributes["default"].Expr
		}
	case kind == "":
		c.top(body)
	}
	c.Blocks = append(c.Blocks, Block{
		Type:   kind,
		Labels: labels,
		Place:  at,
		scope:  c.scope,
		body:   body.Attributes,
	})
	for _, b := range body.Blocks {
		place := translate.Place{File: at.File, Line: b.TypeRange.Start.Line}
		c.body(b.Type, b.Labels, b.Body, place)
	}
}

// top takes the arguments of a file, which are the values of variables, and an object of locals as some write it.
func (c *Config) top(body *hclsyntax.Body) {
	for name, a := range body.Attributes {
		object, isObject := a.Expr.(*hclsyntax.ObjectConsExpr)
		if !isObject || name != "locals" && name != "local" {
			c.scope.variables[name] = a.Expr
			continue
		}
		for _, item := range object.Items {
			if key := hcl.ExprAsKeyword(item.KeyExpr); key != "" {
				c.local(key, item.ValueExpr)
			}
		}
	}
}

// local is a local of an object. Of two with one name the later one may refer to the earlier.
func (c *Config) local(name string, expression hclsyntax.Expression) {
	if before := c.scope.locals[name]; before != nil {
		c.scope.locals["@"+name] = before
	}
	c.scope.locals[name] = expression
}

// Has reports whether the block has an argument.
func (b Block) Has(name string) bool { return b.body[name] != nil }

// At is the place of an argument.
func (b Block) At(name string) translate.Place {
	return translate.Place{File: b.File, Line: b.body[name].SrcRange.Start.Line}
}

// Value is the value of an argument. The error says why it has none.
func (b Block) Value(name string) (Value, error) {
	return b.scope.value(b.body[name].Expr, nil)
}

// Unused are the locals of the given names that no value so far has asked for.
func (c *Config) Unused(names ...string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool {
		return c.scope.locals[name] == nil || c.scope.used[name]
	})
}

// Local is the value of a local, and where it stands.
func (c *Config) Local(name string) (Value, translate.Place, error) {
	expression := c.scope.locals[name]
	v, err := c.scope.value(expression, []string{"local." + name})
	return v, placeOf(expression), err
}

func placeOf(e hclsyntax.Expression) translate.Place {
	return translate.Place{File: e.Range().Filename, Line: e.Range().Start.Line}
}

// maxDepth bounds how deep brackets are nested, and maxSigns how many operators are read, as their parser goes as deep.
const maxDepth, maxSigns = 200, 10_000

// join makes one literal of those that stand side by side in brackets, by a plus sign between them, and says where. It
// reports deep for what is nested deeper than a parser should go.
func join(source translate.Source) (joined string, places []translate.Place, deep bool) {
	all, _ := hclsyntax.LexConfig([]byte(source.Text), source.Name, hcl.InitialPos)
	var b strings.Builder
	signs := 0
	from, brackets := 0, []hclsyntax.TokenType{}
	last := hclsyntax.Token{}
	for _, t := range all {
		switch t.Type {
		case hclsyntax.TokenBang, hclsyntax.TokenMinus, hclsyntax.TokenQuestion:
			signs++
		case hclsyntax.TokenOBrack, hclsyntax.TokenOParen, hclsyntax.TokenOBrace, hclsyntax.TokenTemplateInterp,
			hclsyntax.TokenTemplateControl:
			brackets = append(brackets, t.Type)
			deep = deep || len(brackets) > maxDepth
		case hclsyntax.TokenCBrack, hclsyntax.TokenCParen, hclsyntax.TokenCBrace, hclsyntax.TokenTemplateSeqEnd:
			brackets = brackets[:max(0, len(brackets)-1)]
		case hclsyntax.TokenNewline, hclsyntax.TokenComment:
			continue
		case hclsyntax.TokenOQuote:
			inside := len(brackets) > 0 && (brackets[len(brackets)-1] == hclsyntax.TokenOBrack ||
				brackets[len(brackets)-1] == hclsyntax.TokenOParen)
			if last.Type == hclsyntax.TokenCQuote && inside {
				b.WriteString(source.Text[from:last.Range.End.Byte] + "+")
				from = last.Range.End.Byte
				places = append(places, translate.Place{File: source.Name, Line: t.Range.Start.Line})
			}
		}
		last = t
	}
	return b.String() + source.Text[from:], places, deep || signs > maxSigns
}

// errUnknown is a value that only Terraform knows.
func errUnknown(what string) error {
	return fmt.Errorf("%s cannot be known without Terraform; write its text", what)
}
