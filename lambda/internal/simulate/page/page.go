// Package page shows what was played as one HTML page: for each scenario a timeline with the trail's dark time, the
// messages as Slack and a mail client show them, the checks, and how the trail differed. The page runs nothing and
// loads nothing. Every text in it may have been written by an attacker: it is escaped, and bounded. The package knows
// nothing but the results, and decides nothing.
package page

import (
	"bytes"
	_ "embed" // for the page and its style
	"fmt"
	"html/template"
	"io"
	"sync"

	"trailkeeper/lambda/internal/simulate/result"
	"trailkeeper/lambda/internal/webpage"
)

//go:embed page.gohtml
var pageText string

//go:embed page.css
var style string

var layout = sync.OnceValues(func() (*template.Template, error) { return webpage.Parse(pageText) })

// Write writes the page of a run: HTML with its style and drawings inside. The error says that w could not be written.
func Write(w io.Writer, results []result.Result) error {
	t, err := layout()
	if err != nil {
		return fmt.Errorf("read the page's template: %w", err)
	}
	var out bytes.Buffer
	if err := t.Execute(&out, viewOf(results)); err != nil {
		return fmt.Errorf("draw the page: %w", err)
	}
	if _, err := w.Write(out.Bytes()); err != nil {
		return fmt.Errorf("write the page: %w", err)
	}
	return nil
}
