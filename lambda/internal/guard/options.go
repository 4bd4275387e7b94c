package guard

import (
	"log/slog"
	"net/http"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/config/baseline"
	"trailkeeper/lambda/config/exception"
	"trailkeeper/lambda/config/route"
	"trailkeeper/lambda/internal/clock"
)

// Options is what a guard is made of. Nothing else enters: no environment, no clock, no client.
type Options struct {
	// Getenv reads the function's environment: config.Guard's variables, and those that Lambda sets.
	Getenv func(string) string
	// Environ is all of it, as os.Environ gives it: a variable of ours that is not known is refused.
	Environ []string
	Log     *slog.Logger
	// Metrics takes the metrics, as package metrics writes them; nil: Log does.
	Metrics *slog.Logger
	Clock   clock.Clock
	// HTTPClient carries every request, to AWS and to Slack; nil makes one from the environment.
	HTTPClient *http.Client
	// Baseline finds the declared baseline of a trail by its ARN; the error is fs.ErrNotExist where there is none. Nil:
	// there are none.
	Baseline func(arn string) (baseline.Baseline, error)
	// Baselines returns every declared baseline; nil: there are none.
	Baselines func() ([]baseline.Baseline, error)
	// Deployment reads deployment.json; nil: there is none.
	Deployment func() ([]byte, error)
	// Lists are the accounts and Regions that the deployment was made for.
	Lists config.Lists
	// Exceptions are the modes of single trails and calls, and the approved changes.
	Exceptions exception.List
	// Routes say who gets what; what fits none goes to the destinations of the environment.
	Routes route.List
}
