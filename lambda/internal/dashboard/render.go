package dashboard

import (
	"bytes"
	"crypto/sha256"
	_ "embed" // for the page and its style
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"strings"
	"sync"
)

//go:embed page.gohtml
var pageText string

//go:embed page.css
var style string

var layout = sync.OnceValues(func() (*template.Template, error) { return template.New("page").Parse(pageText) })

// Render writes the page: HTML with its style and drawings inside, which loads nothing and runs nothing. Every text in
// the data is escaped. The error says that the time of the page is empty or that w could not be written.
func Render(w io.Writer, d Data) error {
	if !d.From.Before(d.To) {
		return fmt.Errorf("draw a page from %s to %s: want a time before the other", moment(d.From), moment(d.To))
	}
	t, err := layout()
	if err != nil {
		return fmt.Errorf("read the page's template: %w", err)
	}
	var out bytes.Buffer
	if err := t.Execute(&out, view(d)); err != nil {
		return fmt.Errorf("draw the page: %w", err)
	}
	if _, err := w.Write(out.Bytes()); err != nil {
		return fmt.Errorf("write the page: %w", err)
	}
	return nil
}

// head is the policy that forbids the page to load or run anything, and its style, which alone the policy lets through,
// by its hash.
func head() template.HTML {
	text := strings.TrimSpace(style)
	hash := sha256.Sum256([]byte(text))
	return template.HTML(`<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-` +
		base64.StdEncoding.EncodeToString(hash[:]) + `'; base-uri 'none'; form-action 'none'">` +
		"\n<style>" + text + "</style>")
}
