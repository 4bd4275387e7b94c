package config

import "slices"

// EnvResults is the name of the environment variable that makes the watch's program the function that backtests.
const EnvResults = "TRAILKEEPER_RESULTS"

// Backtest is what the function that applies the watch's rules to an archive must know of its deployment: the document
// that cdk writes and the function reads. It notifies nobody.
type Backtest struct {
	// LogBuckets are the archives that it may read, and Results is where its reports go, both as ParseLogBucket reads
	// them.
	LogBuckets []string
	Results    string
	// LogLevel: least level of the log where Lambda has no log format JSON, and so no level; empty: Lambda's own.
	LogLevel string
}

func backtestVariables() []variable[Backtest] {
	const place = "OWNER/BUCKET/PREFIX, such as 111122223333/org-logs/AWSLogs/"
	return []variable[Backtest]{
		word(EnvResults, func(b *Backtest) *string { return &b.Results }, validLogBucket, place),
		words(EnvLogBuckets, func(b *Backtest) *[]string { return &b.LogBuckets }, 1, validLogBucket,
			place+", with commas between"),
		word(EnvLogLevel, func(b *Backtest) *string { return &b.LogLevel }, orNone(validLevel),
			"DEBUG, INFO, WARN or ERROR"),
	}
}

// Env writes the environment that BacktestFromEnv reads back. Empty values are left out.
func (b Backtest) Env() map[string]string { return written(backtestVariables(), b) }

// BacktestFromEnv reads what Env wrote, of an environment and of all of it as os.Environ gives it. The error names every
// variable that is wrong, its value, and what is wanted, and every one of ours that no Backtest has.
func BacktestFromEnv(getenv func(string) string, environ []string) (Backtest, error) {
	b, problems := read(backtestVariables(), getenv)
	if err := unknown(backtestVariables(), "backtest", environ); err != nil {
		return b, err
	}
	if len(problems) > 0 {
		return b, problems
	}
	return b, nil
}

// Archives are the LogBuckets, parsed, without those that cannot be.
func (b Backtest) Archives() []LogBucket {
	var all []LogBucket
	for _, text := range slices.Sorted(slices.Values(b.LogBuckets)) {
		if one, err := ParseLogBucket(text); err == nil {
			all = append(all, one)
		}
	}
	return all
}

// ExampleBacktest is a complete, valid configuration with documentation values. It serves the tests.
func ExampleBacktest() Backtest {
	return Backtest{
		LogBuckets: []string{"111122223333/org-logs/AWSLogs/"},
		Results:    "111122223333/trailkeeper-results/runs/",
		LogLevel:   "INFO",
	}
}
