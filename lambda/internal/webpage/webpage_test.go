package webpage_test

import (
	"regexp"
	"strings"
	"testing"

	"trailkeeper/lambda/internal/webpage"
)

// TestHead: the policy lets through just this style and this script, and asks nobody else.
func TestHead(t *testing.T) {
	for _, test := range []struct {
		style, script string
		want          []string
		not           string
	}{
		{
			"p{}", "",
			[]string{
				"default-src 'none'", "style-src 'sha256-gG2yISYereRMiG2lMXrbiUgi0Ubw9p7QCeWcroOvy9Y='", "<style>p{}</style>",
			},
			"script",
		},
		{"p{}", "x()", []string{"script-src 'sha256-", "connect-src 'self'", "<script>x()</script>"}, "unsafe"},
	} {
		got := string(webpage.Head(test.style, test.script))
		for _, want := range test.want {
			if !strings.Contains(got, want) {
				t.Errorf("%s\nwant %s", got, want)
			}
		}
		if strings.Contains(got, test.not) {
			t.Errorf("%s\nholds %s", got, test.not)
		}
	}
	hashes := regexp.MustCompile(`sha256-[^']+`)
	if a, b := webpage.Head("a{}", "x"), webpage.Head("a{}", "y"); hashes.FindString(string(a)) !=
		hashes.FindString(string(b)) || a == b {
		t.Error("the hash of a script is not its own")
	}
}

// TestStyle: a page's own rules stand behind the shared ones, so that they win.
func TestStyle(t *testing.T) {
	style := webpage.Style(" .x{} ")
	if !strings.HasSuffix(style, "\n.x{}") || !strings.HasPrefix(style, ":root") {
		t.Errorf("%.40s … %s", style, style[len(style)-40:])
	}
}

// TestTable: words are escaped, and a table has a name for who cannot see it.
func TestTable(t *testing.T) {
	page, err := webpage.Parse(`{{template "table" .}}`)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	table := webpage.Table{
		Head:  []string{"<a>"},
		Rows:  [][]string{{"<b>", "c"}},
		Foot:  "<f>",
		Words: true,
	}
	if err := page.Execute(&out, table); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`class="words"`, `aria-label="Figures of the chart"`, "&lt;a&gt;",
		`<th scope="row">&lt;b&gt;</th><td>c</td>`, "&lt;f&gt;",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %s in %s", want, out.String())
		}
	}
}

// TestScaleTop: the top of a scale holds the greatest value and is not far above it.
func TestScaleTop(t *testing.T) {
	for v := 0.01; v < 1e9; v *= 1.07 {
		if top := webpage.ScaleTop(v); top < v || top > 2*max(v, 1)+1e-9 {
			t.Errorf("the scale of %g goes up to %g", v, top)
		}
	}
}
