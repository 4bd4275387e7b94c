// Command guard is the Lambda function that keeps CloudTrail logging: bootstrap 1. It only wires: environment, log and
// clock enter here.
package main

import (
	"context"
	"os"
	"path/filepath"

	"github.com/aws/aws-lambda-go/lambda"

	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/guard"
	"trailkeeper/lambda/internal/metrics"
)

func main() {
	log := metrics.NewLog(os.Stdout, os.Getenv)
	options := guard.Options{
		Getenv:  os.Getenv,
		Environ: os.Environ(),
		Log:     log,
		Metrics: metrics.NewLogger(os.Stdout),
		Clock:   clock.Real(),
	}
	h, err := guard.NewFunction(options.FromAsset(os.DirFS(filepath.Clean(os.Getenv("LAMBDA_TASK_ROOT")))))
	if err != nil {
		log.Error("start failed", "error", err.Error())
		os.Exit(1)
	}
	go h.Prewarm(context.Background())
	lambda.Start(h)
}
