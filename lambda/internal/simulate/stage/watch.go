package stage

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"testing/fstest"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/internal/localcloud"
	"trailkeeper/lambda/internal/watch"
	"trailkeeper/rules/detect"
	"trailkeeper/rules/detections"
)

// Rules are what the watch applies besides the built-in rules: an operator's folder, by the paths of its files.
type Rules map[string]string

// encoded are the rules as the watch's asset has them.
func (r Rules) encoded(stack string) ([]byte, error) {
	files := fstest.MapFS{}
	for name, text := range r {
		files[name] = &fstest.MapFile{Data: []byte(text)}
	}
	set, problems := detect.Load(
		detect.Options{Stack: stack, Lists: map[string][]string{"office-networks": {Office + "/24"}}},
		detections.Source(),
		detect.Source{Name: "rules/custom", Files: files},
	)
	if len(problems) > 0 {
		return nil, problems[0]
	}
	return set.Encode()
}

// watched is the watch of a scenario.
type watched struct {
	rules Rules
	dies  bool // the next environment does, at the first message that it sends
}

// handler makes the real watch, with the lists and the routes of the guard's asset in its own.
func (w *watched) handler(env localcloud.FunctionEnv, beside Carried) (localcloud.Handler, error) {
	rules, err := w.rules.encoded(env.Getenv(config.EnvStack))
	if err != nil {
		return nil, err
	}
	accounts := beside.lists.Accounts
	lists := config.Lists{Accounts: accounts, GuardedAccounts: accounts, AccountNames: beside.lists.AccountNames}
	asset, err := Carried{routes: beside.routes, lists: lists}.asset()
	if err != nil {
		return nil, err
	}
	asset[config.RulesFile] = &fstest.MapFile{Data: rules}
	o := watch.Options{
		Getenv:     env.Getenv,
		Environ:    env.Environ,
		Log:        env.Log,
		Clock:      env.Clock,
		HTTPClient: env.HTTP,
	}
	if !w.dies {
		return watch.New(o.FromAsset(asset))
	}
	w.dies = false
	m := &mortal{transport: env.HTTP.Transport, over: make(chan struct{})}
	for _, channel := range []string{config.EnvSlackSecret, config.EnvTopicARN} {
		if env.Getenv(channel) != "" {
			m.channels++
		}
	}
	o.Log = slog.New(lastWords{env.Log.Handler(), &m.dead})
	o.HTTPClient = &http.Client{Transport: m, Timeout: env.HTTP.Timeout}
	m.handler, err = watch.New(o.FromAsset(asset))
	return m, err
}

// mortal is an environment that ends when it would send its first message on every channel, each of which it has
// claimed by then: from then on nothing leaves it.
type mortal struct {
	channels int32
	ready    atomic.Int32 // channels that have a message to send
	over     chan struct{}

	handler   localcloud.Handler
	transport http.RoundTripper
	cancel    context.CancelFunc
	dead      atomic.Bool
}

// lastWords is the log of an environment, which says nothing once it is dead.
type lastWords struct {
	slog.Handler
	dead *atomic.Bool
}

// Handle implements slog.Handler.
func (l lastWords) Handle(ctx context.Context, r slog.Record) error {
	if l.dead.Load() {
		return nil
	}
	return l.Handler.Handle(ctx, r)
}

// Invoke crashes, once it is dead.
func (m *mortal) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	ctx, m.cancel = context.WithCancel(ctx)
	defer m.cancel()
	answer, err := m.handler.Invoke(ctx, payload)
	if m.dead.Load() {
		panic("the environment was cut off")
	}
	return answer, err
}

// RoundTrip ends it at a post to Slack or a call of SNS.
func (m *mortal) RoundTrip(r *http.Request) (*http.Response, error) {
	signed := r.Header.Get("Authorization") // which names the service of a call of AWS
	if strings.Contains(signed, "/sns/") || strings.Contains(r.URL.Hostname(), "slack") {
		if m.ready.Add(1) == m.channels {
			m.dead.Store(true)
			m.cancel()
			close(m.over)
		}
		select {
		case <-m.over:
		case <-r.Context().Done():
		}
	}
	if m.dead.Load() {
		return nil, context.Canceled
	}
	return m.transport.RoundTrip(r)
}
