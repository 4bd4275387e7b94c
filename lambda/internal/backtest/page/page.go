// Package page makes a page and a table of what a backtest has found, to be kept and handed on.
//
// It reads no record and no rule, and decides nothing: it has what is in the report. All texts of it are escaped for
// what they go into, since attackers wrote some of them.
package page

import (
	_ "embed" // for the page and its style
	"html/template"
	"io"
	"sync"

	"trailkeeper/lambda/internal/backtest"
	"trailkeeper/lambda/internal/webpage"
)

//go:embed page.gohtml
var pageText string

//go:embed page.css
var style string

var layout = sync.OnceValues(func() (*template.Template, error) { return webpage.Parse(pageText) })

// HTML writes the report as HTML with its style and drawings inside, which loads nothing and runs nothing. The error
// says that w could not be written.
func HTML(w io.Writer, r *backtest.Report) error {
	return webpage.Write(w, layout, webpage.Page, view(r))
}
