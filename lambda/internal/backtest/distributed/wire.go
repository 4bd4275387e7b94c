package distributed

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/internal/awsenv"
	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/s3read"
	"trailkeeper/rules/detect"
)

// Options is what a Handler is made of.
type Options struct {
	// Getenv reads the function's environment: config.Backtest's variables, and those that Lambda sets. Environ is all of
	// it.
	Getenv  func(string) string
	Environ []string
	Files   fs.FS // the function's asset, which has the rules
	Log     *slog.Logger
	Clock   clock.Clock
}

// New makes the handler. It makes no request. The error names everything that is wrong.
func New(o Options) (*Handler, error) {
	cfg, err := config.BacktestFromEnv(o.Getenv, o.Environ)
	encoded, ruleErr := fs.ReadFile(o.Files, config.RulesFile)
	var set *detect.Set
	if ruleErr == nil {
		set, ruleErr = detect.Decode(encoded)
	}
	if ruleErr != nil {
		ruleErr = fmt.Errorf("%s: %w", config.RulesFile, ruleErr)
	}
	client, clientErr := awsenv.HTTPClient(o.Getenv)
	awsCfg, awsErr := awsenv.Config(o.Getenv, client)
	if err := errors.Join(err, ruleErr, clientErr, awsErr); err != nil {
		return nil, fmt.Errorf("settings: %w", err)
	}
	if own, ok := client.Transport.(awsenv.Transport); ok {
		own.MaxIdleConnsPerHost = 2 * workers // or each file is a connection
	}
	s3 := &calls{
		clock: o.Clock,
		client: &s3read.Client{
			HTTP:        client,
			Credentials: awsCfg.Credentials,
			Region:      awsCfg.Region,
			Endpoint:    awsenv.EndpointOf(o.Getenv, "S3"),
			Now:         o.Clock.Now,
		},
	}
	results, _ := config.ParseLogBucket(cfg.Results) // it was checked
	return &Handler{
		Rules:    set,
		Archives: cfg.Archives(),
		Open:     s3.archive,
		Results:  s3.results(results),
		Log:      o.Log,
		Clock:    o.Clock,
		Sizes:    DefaultSizes(),
	}, nil
}
