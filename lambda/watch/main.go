// Command watch is the Lambda function that applies rules to CloudTrail records: bootstrap 2. It only wires:
// environment, log and clock enter here. A second function of the same asset, whose environment names a bucket of
// results, applies them to an archive, and notifies nobody.
package main

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/aws/aws-lambda-go/lambda"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/internal/awsenv"
	"trailkeeper/lambda/internal/backtest/distributed"
	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/metrics"
	"trailkeeper/lambda/internal/watch"
)

func main() {
	log := metrics.NewLog(os.Stdout, os.Getenv)
	awsenv.LimitMemory(os.Getenv)
	files := os.DirFS(filepath.Clean(os.Getenv("LAMBDA_TASK_ROOT")))
	if os.Getenv(config.EnvResults) != "" {
		h, err := distributed.New(distributed.Options{
			Getenv: os.Getenv, Environ: os.Environ(), Files: files, Log: log, Clock: clock.Real(),
		})
		exitOn(err, log)
		lambda.Start(h)
	}
	options := watch.Options{
		Getenv:  os.Getenv,
		Environ: os.Environ(),
		Log:     log,
		Metrics: metrics.NewLogger(os.Stdout),
		Clock:   clock.Real(),
	}
	h, err := watch.New(options.FromAsset(files))
	exitOn(err, log)
	go h.Prewarm(context.Background())
	lambda.Start(h)
}

func exitOn(err error, log *slog.Logger) {
	if err != nil {
		log.Error("start failed", "error", err.Error())
		os.Exit(1)
	}
}
