// Package page shows what was played as one HTML page: for each scenario a timeline with the trail's dark time, the
// messages as Slack and a mail client show them, the checks, and how the trail differed. The page runs nothing and
// loads nothing. Every text in it may have been written by an attacker: it is escaped, and bounded. The package knows
// nothing but the results, and decides nothing.
package page

import (
	_ "embed" // for the page and its style
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
	return webpage.Write(w, layout, webpage.Page, viewOf(results))
}
