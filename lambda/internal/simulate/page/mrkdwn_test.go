package page

import (
	"html"
	"regexp"
	"strings"
	"testing"
)

func TestMrkdwn(t *testing.T) {
	for in, want := range map[string]string{
		"":                                 "",
		"plain":                            "plain",
		"*bold* and _it_ and ~no~":         "<strong>bold</strong> and <em>it</em> and <s>no</s>",
		"2 * 3 * 4":                        "2 * 3 * 4",
		"a*b*c":                            "a*b*c",
		"*bold*er":                         "*bold*er",
		"*not\nbold*":                      "*not<br>bold*",
		"`a*b* <x>`":                       "<code>a*b* &lt;x&gt;</code>",
		"`open":                            "`open",
		"```\n{\n  \"a\": 1\n}\n```\nnext": `<pre tabindex="0">` + "{\n  &#34;a&#34;: 1\n}</pre>next",
		"```open":                          "```open",
		"<https://a.example/?x=1&amp;y|A>": `<a href="https://a.example/?x=1&amp;y" rel="noreferrer">A</a>`,
		"<https://a.example>":              `<a href="https://a.example" rel="noreferrer">https://a.example</a>`,
		"<javascript:x|A>":                 "&lt;javascript:x|A&gt;",
		"<!date^1^{x}|2026-03-02>":         "2026-03-02",
		"<!channel>":                       "&lt;!channel&gt;",
		"&lt;b&gt; &amp;amp;":              "&lt;b&gt; &amp;amp;",
		":red_circle: 09:15:00 :other:":    "🔴 09:15:00 :other:",
		"*x `y` <https://z.example|w>*": `<strong>x <code>y</code> ` +
			`<a href="https://z.example" rel="noreferrer">w</a></strong>`,
	} {
		if got := string(mrkdwn(in)); got != want {
			t.Errorf("%q:\n%s\nwant\n%s", in, got, want)
		}
	}
}

// FuzzMrkdwn: only our own tags come out, balanced, and no text is lost.
func FuzzMrkdwn(f *testing.F) {
	for _, seed := range []string{"*a* `b` _c_ ~d~", "<https://x|y>", "```x```", "<!date^1|x>", "a<b>&amp;\"'", "*_~`"} {
		f.Add(seed)
	}
	tags := regexp.MustCompile(
		`</?(strong|em|s|code|pre)>|<pre tabindex="0">|<br>|<a href="https://[^"<>]*" rel="noreferrer">|</a>`,
	)
	f.Fuzz(func(t *testing.T, s string) {
		got := string(mrkdwn(s))
		rest := tags.ReplaceAllString(got, "")
		if strings.ContainsAny(rest, `<>"`) {
			t.Errorf("%q: %q", s, got)
		}
		for _, tag := range []string{"strong", "em", "s", "code", "pre", "a"} {
			opened := len(regexp.MustCompile("<"+tag+"[ >]").FindAllString(got, -1))
			if closed := strings.Count(got, "</"+tag+">"); opened != closed {
				t.Errorf("%q: %d %s opened, %d closed: %q", s, opened, tag, closed, got)
			}
		}
		if !strings.ContainsAny(s, "`*_~<>&:\n\r\x00") && html.UnescapeString(got) != s {
			t.Errorf("%q became %q", s, got)
		}
	})
}
