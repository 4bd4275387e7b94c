package dashboard

import (
	_ "embed" // for the page and its style
	"fmt"
	"html/template"
	"io"
	"sync"

	"trailkeeper/lambda/internal/webpage"
)

//go:embed page.gohtml
var pageText string

//go:embed page.css
var style string

var layout = sync.OnceValues(func() (*template.Template, error) { return webpage.Parse(pageText) })

// Render writes the page: HTML with its style and drawings inside, which loads nothing and runs nothing. Every text in
// the data is escaped. The error says that the time of the page is empty or that w could not be written.
func Render(w io.Writer, d Data) error {
	if !d.From.Before(d.To) {
		return fmt.Errorf("draw a page from %s to %s: want a time before the other", moment(d.From), moment(d.To))
	}
	return webpage.Write(w, layout, webpage.Page, view(d))
}
