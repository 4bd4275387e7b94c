// Package webpage is what the pages of the operator's command share: the policy that keeps them from loading or running
// anything foreign, their style in light and dark, and the parts that several show: facts and tables.
// It knows no page, metric, scenario or trail.
package webpage

import (
	"bytes"
	"crypto/sha256"
	_ "embed" // for the style and the parts
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"strings"
)

//go:embed base.css
var base string

//go:embed parts.gohtml
var parts string

// Parse reads a page's template. It may use the templates "facts" (a list of Fact) and "table" (a Table).
func Parse(page string) (*template.Template, error) {
	t, err := template.New(Page).Parse(parts)
	if err != nil {
		return nil, err
	}
	return t.Parse(page)
}

// Write draws a template of a page into w, as a whole or not at all. The error says that the template, of which the
// layout is the function that reads it, cannot be drawn, or that w could not be written.
func Write(w io.Writer, layout func() (*template.Template, error), name string, data any) error {
	t, err := layout()
	if err != nil {
		return fmt.Errorf("read the page's template: %w", err)
	}
	var out bytes.Buffer
	if err := t.ExecuteTemplate(&out, name, data); err != nil {
		return fmt.Errorf("draw the page: %w", err)
	}
	if _, err := w.Write(out.Bytes()); err != nil {
		return fmt.Errorf("write the page: %w", err)
	}
	return nil
}

// Page is the name of what Parse reads.
const Page = "page"

// Fact is one figure. The tone gives it its colour: good, warn, bad, unknown or none.
type Fact struct {
	Tone, Label, Value, Hint string
	// Missing says that Value is a word in place of the figure.
	Missing bool
}

// Table is a list of figures. The first column names the row.
type Table struct {
	Caption string
	Head    []string
	Rows    [][]string
	Foot    string
	// Words says that the cells are words, not figures: they begin at the left.
	Words bool
}

// Name is what a screen reader calls the table.
func (t Table) Name() string {
	if t.Caption != "" {
		return t.Caption
	}
	return "Figures of the chart"
}

// Style is the shared style, with that of a page behind it.
func Style(page string) string { return strings.TrimSpace(base) + "\n" + strings.TrimSpace(page) }

// Head is the page's policy, style and script. The policy lets through this style and this script, by their hashes, and
// nothing else: no image, no font, no request, unless there is a script, which may ask where the page came from.
func Head(style, script string) template.HTML {
	policy := "default-src 'none'; style-src '" + hash(style) + "'; base-uri 'none'; form-action 'none'"
	text := "<style>" + style + "</style>"
	if script != "" {
		policy += "; script-src '" + hash(script) + "'; connect-src 'self'"
		text += "\n<script>" + script + "</script>"
	}
	return template.HTML(`<meta http-equiv="Content-Security-Policy" content="` + policy + `">` + "\n" + text)
}

func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}
