package slack

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/finding/findingtest"
	"trailkeeper/lambda/internal/report"
	"trailkeeper/lambda/internal/secret"
)

func TestNothingShowsTheKeys(t *testing.T) {
	hook := "https://hooks.slack.com/services/" + hookKey
	reader := secret.New(
		getFunc(func() string { return `{"webhook":"` + hook + `","bot_token":"` + token + `"}` }),
		"trailkeeper/slack",
		clock.Real(),
	)
	keys, err := reader.Get(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	o := Options{
		HTTPClient: http.DefaultClient,
		Secret:     reader,
		SecretName: "trailkeeper/slack",
		Channel:    "C1",
		API:        "https://slack.com/api/",
		Clock:      clock.Real(),
	}
	n := New(o)
	to, err := targetOf(n.Options, keys)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []any{
		o, &o, n, []*Notifier{n}, struct{ n report.Notifier }{n}, struct{ o Options }{o}, to, &to, keys,
	} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%d"} {
			for _, s := range []string{"SECRETTOKEN", hookKey} {
				if strings.Contains(fmt.Sprintf(verb, x), s) {
					t.Errorf("%s of a %T shows a key", verb, x)
				}
			}
		}
	}
	if got, want := fmt.Sprintf("%+v", n), `Slack channel "C1" with secret "trailkeeper/slack"`; got != want {
		t.Errorf("a notifier prints as %s, want %s", got, want)
	}
}

// getFunc is a Secrets Manager that has this content for every name.
type getFunc func() string

func (f getFunc) GetSecretValue(
	context.Context,
	*secretsmanager.GetSecretValueInput,
	...func(*secretsmanager.Options),
) (
	*secretsmanager.GetSecretValueOutput, error,
) {
	return &secretsmanager.GetSecretValueOutput{SecretString: aws.String(f())}, nil
}

func TestNameThatIsACredentialIsNotShown(t *testing.T) {
	for _, name := range []string{"https://hooks.slack.com/services/" + hookKey, token} {
		for _, keys := range []secret.Value{
			{}, {BotToken: secret.NewKey(token)}, {Webhook: secret.NewKey("http://hooks.example/services/" + hookKey)},
		} {
			n := New(Options{Secret: &secrets{values: []secret.Value{keys}}, SecretName: name, Clock: (&fakeClock{}).clock()})
			err := n.Notify(t.Context(), findingtest.Stopped())
			if err == nil || !strings.Contains(err.Error(), "name not shown") {
				t.Errorf("error %v", err)
			}
			noLeak(t, "a name that is a credential", err)
			noLeak(t, "the notifier", fmt.Errorf("%+v", n))
		}
	}
}
