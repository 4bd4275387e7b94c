// Command cold is the guard without prewarming, to measure what prewarming gives.
package main

import (
	"log/slog"
	"os"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/guard"
)

func main() {
	log := slog.New(lambdacontext.NewLogHandler())
	h, err := guard.New(guard.Options{Getenv: os.Getenv, Log: log, Clock: clock.Real()})
	if err != nil {
		log.Error("start failed", "error", err.Error())
		os.Exit(1)
	}
	lambda.Start(h)
}
