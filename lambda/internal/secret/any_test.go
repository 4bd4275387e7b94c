package secret

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
)

// TestNewOfAny reads a secret without Slack's keys, and refuses all the same what is no secret of texts.
func TestNewOfAny(t *testing.T) {
	for content, want := range map[string]string{
		`{"beat":" https://h "}`:             "https://h",
		`{"beat":"https://h","webhook":"w"}`: "https://h",
		`{}`:                                 "",
	} {
		now := time.Unix(0, 0)
		get := getFunc(func() (string, error) { return content, nil })
		v, err := NewOfAny(get, name, at(&now)).Get(t.Context())
		if err != nil || v.Other("beat").Reveal() != want {
			t.Errorf("%s: %v", content, err)
		}
	}
	now := time.Unix(0, 0)
	get := getFunc(func() (string, error) { return `{"beat":"https://h","webhook":1}`, nil })
	if _, err := NewOfAny(get, name, at(&now)).Get(t.Context()); err == nil {
		t.Error("a webhook that is no text is accepted")
	}
}

// TestPassing: only what the service or the network has done passes by itself.
func TestPassing(t *testing.T) {
	for text, test := range map[string]struct {
		err  error
		want bool
	}{
		`{"webhook":"w"}`: {&types.InternalServiceError{}, true},
		`{"webhook":"x"}`: {&types.ResourceNotFoundException{}, false},
		`{"other":"x"}`:   {nil, false},
		`[]`:              {nil, false},
	} {
		now := time.Unix(0, 0)
		_, err := New(getFunc(func() (string, error) { return text, test.err }), name, at(&now)).Get(t.Context())
		if err == nil || Passing(err) != test.want {
			t.Errorf("%s: passing %v", err, Passing(err))
		}
	}
	if Passing(nil) {
		t.Error("no error passes")
	}
}
