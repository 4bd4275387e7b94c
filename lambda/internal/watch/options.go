package watch

import (
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/config/route"
	"trailkeeper/lambda/internal/asset"
	"trailkeeper/lambda/internal/clock"
	"trailkeeper/rules/detect"
)

// Options is what a watch is made of. Nothing else enters: no environment, no clock, no client.
type Options struct {
	// Getenv reads the function's environment: config.Watch's variables, and those that Lambda sets.
	Getenv func(string) string
	// Environ is all of it, as os.Environ gives it: a variable of ours that is not known is refused.
	Environ []string
	Log     *slog.Logger
	// Metrics takes the metrics, as package metrics writes them; nil: Log does.
	Metrics *slog.Logger
	Clock   clock.Clock
	// HTTPClient carries every request, to AWS and to Slack; nil makes one from the environment.
	HTTPClient *http.Client
	// Rules are those that are applied. Without any the watch does not start.
	Rules *detect.Set
	// Lists are the accounts that the deployment was made for.
	Lists config.Lists
	// Routes say who gets what; what fits none goes to the destinations of the environment.
	Routes route.List

	missing error // why there are no rules
}

// FromAsset adds to the options what the function's asset holds: the rules, the lists and the routes. All were checked
// when the stack was made. Without rules the watch does not start; another file that cannot be read is logged and
// counts as absent.
func (o Options) FromAsset(files fs.FS) Options {
	encoded, err := fs.ReadFile(files, config.RulesFile)
	if err == nil {
		o.Rules, err = detect.Decode(encoded)
	}
	if err != nil {
		o.missing = fmt.Errorf("%s: %w", config.RulesFile, err)
	}
	o.Lists = asset.Read(files, config.ListsFile, o.Log, config.ParseLists)
	o.Routes = asset.Read(files, route.FileName, o.Log, route.Parse)
	return o
}
