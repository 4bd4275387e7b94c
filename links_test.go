package trailkeeper_test

import (
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// linked are the pages whose links are followed.
var linked = slices.Concat(pages, []string{
	"SECURITY.md",
	"CONTRIBUTING.md",
	"CHANGELOG.md",
	"lambda/WARDEN.md",
	"cdk/baselines/README.md",
	"events/testdata/README.md",
	"rules/ATTACKS.md",
	"rules/MOVING.md",
})

// TestLinks: every relative link of the pages leads to a file, and to an anchor where it names one.
func TestLinks(t *testing.T) {
	for _, page := range linked {
		for _, link := range linksOf(read(t, page)) {
			if problem := follow(t, page, link); problem != "" {
				t.Errorf("%s: [](%s): %s", page, link, problem)
			}
		}
	}
}

// TestLinkProblems: what follow must find.
func TestLinkProblems(t *testing.T) {
	for link, want := range map[string]string{
		"lambda/README.md#runbook-restored":   "",
		"lambda/README.md#contested-trails":   "",
		"cdk":                                 "",
		"https://example.com/nowhere#nothing": "",
		"#deploy":                             "",
		"lambda/README.md#Runbook":            "no such anchor",
		"lambda/README.md#runbook-none":       "no such anchor",
		"lambda/README":                       "no such file",
		"../README.md":                        "outside of the repository",
		"#runbook":                            "no such anchor",
		"cdk#settings":                        "no such anchor",
	} {
		if got := follow(t, firstPage, link); got != want {
			t.Errorf("%s: %q; want %q", link, got, want)
		}
	}
	const page = "[a](b.md) `[c](d.md)` [e]\n(f)\n\n    [g](h.md)\n\n```sh\n[i](j.md)\n```\n| [k](#l) | ![m](n.png) |"
	if got, want := linksOf(page), []string{"b.md", "#l", "n.png"}; !slices.Equal(got, want) {
		t.Errorf("links %q; want %q", got, want)
	}
}

// TestTwoClicks: the first page links to every section of the others, so that each answer is one click and its
// subsection two away.
func TestTwoClicks(t *testing.T) {
	links := linksOf(read(t, firstPage))
	for _, page := range pages[1:] {
		for _, m := range regexp.MustCompile(`(?m)^## (.+)$`).FindAllStringSubmatch(prose(read(t, page)), -1) {
			if link := page + "#" + slug(m[1]); !slices.Contains(links, link) {
				t.Errorf("%s does not link to %s", firstPage, link)
			}
		}
	}
}

// TestFirstPageIsOne: the first page is one that somebody reads to its end.
func TestFirstPageIsOne(t *testing.T) {
	if n := len(strings.Fields(read(t, firstPage))); n > 1800 {
		t.Errorf("%s has %d words; want at most 1,800", firstPage, n)
	}
}

var (
	fenced   = regexp.MustCompile("(?ms)^ *```.*?^ *```$")
	indented = regexp.MustCompile(`(?m)^ {4}.*$`)
	spans    = regexp.MustCompile("`[^`\n]*`")
	links    = regexp.MustCompile(`\[[^\]]*\]\(([^)\s]+)\)`)
	named    = regexp.MustCompile(`<a id="([^"]+)"></a>`)
	headings = regexp.MustCompile(`(?m)^#+ (.+)$`)
)

// prose is a page without its blocks of code. In our lists nothing but code is indented by four spaces.
func prose(page string) string {
	return indented.ReplaceAllString(fenced.ReplaceAllString(page, ""), "")
}

func linksOf(page string) []string {
	var found []string
	for _, m := range links.FindAllStringSubmatch(spans.ReplaceAllString(prose(page), ""), -1) {
		found = append(found, m[1])
	}
	return found
}

// follow says what is wrong with a link of the page, and nothing of one that leads elsewhere.
func follow(t *testing.T, page, link string) string {
	t.Helper()
	if strings.Contains(link, "://") {
		return ""
	}
	file, anchor, anchored := strings.Cut(link, "#")
	target := page
	if file != "" {
		target = path.Join(path.Dir(page), file)
	}
	if strings.HasPrefix(target, "..") {
		return "outside of the repository"
	}
	info, err := os.Stat(target)
	switch {
	case err != nil:
		return "no such file"
	case anchored && (info.IsDir() || !slices.Contains(anchors(read(t, target)), anchor)):
		return "no such anchor"
	}
	return ""
}

// anchors are what a link can name in a page: its headings, as GitHub makes anchors of them, and its named places.
func anchors(page string) []string {
	var found []string
	for _, m := range headings.FindAllStringSubmatch(prose(page), -1) {
		found = append(found, slug(m[1]))
	}
	for _, m := range named.FindAllStringSubmatch(page, -1) {
		found = append(found, m[1])
	}
	return found
}

// slug is the anchor that GitHub makes of a heading.
func slug(heading string) string {
	return strings.ReplaceAll(
		regexp.MustCompile(`[^\p{L}\p{N} _-]`).ReplaceAllString(strings.ToLower(heading), ""),
		" ",
		"-",
	)
}

// TestAnchorsAreUnique: no two headings or named places of a page have one anchor, of which GitHub would rename the
// second.
func TestAnchorsAreUnique(t *testing.T) {
	for _, page := range pages {
		all := anchors(read(t, page))
		slices.Sort(all)
		for i := range all[1:] {
			if all[i] == all[i+1] {
				t.Errorf("%s has the anchor %s twice", page, all[i])
			}
		}
	}
}
