package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"trailkeeper/cdk/settings"
	"trailkeeper/lambda/config/baseline"
)

// baselineFiles reads the folder of the baselines; one that does not exist holds none.
func baselineFiles(folder string) ([]baseline.File, error) {
	files, err := baseline.ReadAll(os.DirFS(folder))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", folder, err)
	}
	return files, nil
}

// warnBaselines says at synth what will not work for lack of a baseline, what a baseline leaves off, and what of its
// bucket and key is elsewhere.
func warnBaselines(stack awscdk.Stack, s settings.Settings, all []baseline.Baseline) {
	_, err := os.Stat(s.Baselines)
	notes := slices.Concat(settings.BaselineNotes(s, all, !errors.Is(err, fs.ErrNotExist)), settings.EvidenceNotes(s, all))
	for i, note := range notes {
		awscdk.Annotations_Of(stack).AddWarningV2(jsii.String(fmt.Sprintf("trailkeeper:baseline-%d", i)), jsii.String(note))
	}
}
