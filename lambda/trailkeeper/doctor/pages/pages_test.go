package pages_test

import (
	"errors"
	"testing"

	"trailkeeper/lambda/trailkeeper/doctor/pages"
)

// TestRead: every page is asked for once, with the token of the one before; what is beyond the bound is said to be there.
func TestRead(t *testing.T) {
	failure := errors.New("x")
	for name, test := range map[string]struct {
		there int // pages
		fails int // the page that fails
		asked int
		more  bool
		err   error
	}{
		"one page":         {there: 1, asked: 1},
		"all that fit":     {there: pages.Most, asked: pages.Most},
		"one too many":     {there: pages.Most + 1, asked: pages.Most, more: true},
		"the second fails": {there: 3, fails: 2, asked: 2, err: failure},
		"the last fails":   {there: pages.Most + 1, fails: pages.Most, asked: pages.Most, err: failure},
	} {
		asked, last := 0, ""
		more, err := pages.Read(func(token *string) (*string, error) {
			if got := deref(token); got != last {
				t.Errorf("%s: page %d was asked for with %q; want %q", name, asked+1, got, last)
			}
			if asked++; asked == test.fails {
				return nil, failure
			}
			if asked == test.there {
				return nil, nil
			}
			last += "x"
			return &last, nil
		})
		if asked != test.asked || more != test.more || !errors.Is(err, test.err) {
			t.Errorf("%s: %d pages, more %v, %v", name, asked, more, err)
		}
	}
	empty := ""
	if more, err := pages.Read(func(*string) (*string, error) { return &empty, nil }); more || err != nil {
		t.Errorf("an empty token is none: %v, %v", more, err)
	}
}

func deref(token *string) string {
	if token == nil {
		return ""
	}
	return *token
}
