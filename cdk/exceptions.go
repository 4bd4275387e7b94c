package main

import (
	"fmt"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"trailkeeper/cdk/settings"
	"trailkeeper/lambda/config"
	"trailkeeper/lambda/config/baseline"
	"trailkeeper/lambda/config/exception"
	"trailkeeper/lambda/config/route"
)

// furtherFiles are the files of the guard's asset besides its program: the baselines, and the lists, what is exempted
// and the routes, as far as there are any.
func furtherFiles(s settings.Settings, baselines []baseline.File) (map[string][]byte, error) {
	files := make(map[string][]byte, len(baselines)+3)
	for _, f := range baselines {
		files[config.BaselineFolder+"/"+baseline.FileName(f.Baseline.Trail.ARN)] = f.Content
	}
	if err := reportingFiles(files, s, s.Lists()); err != nil {
		return nil, err
	}
	if list := s.Exceptions(); !list.Empty() {
		content, err := exception.Format(list)
		if err != nil {
			return nil, err
		}
		files[exception.FileName] = content
	}
	return files, nil
}

// watchFiles are the files of the watch's asset besides its program: the rules, and the lists and the routes, as far as
// there are any.
func watchFiles(s settings.Settings, rules []byte) (map[string][]byte, error) {
	files := map[string][]byte{config.RulesFile: rules}
	return files, reportingFiles(files, s, s.WatchLists())
}

// reportingFiles adds the lists and the routes, as far as there are any.
func reportingFiles(files map[string][]byte, s settings.Settings, lists config.Lists) error {
	if !lists.Empty() {
		content, err := config.FormatLists(lists)
		if err != nil {
			return err
		}
		files[config.ListsFile] = content
	}
	if list := s.RouteList(); len(list.Routes) > 0 {
		content, err := route.Format(list)
		if err != nil {
			return err
		}
		files[route.FileName] = content
	}
	return nil
}

// warnExpired says at synth which approvals no longer count. They are no error: a deployment must not fail because time
// went by.
func warnExpired(stack awscdk.Stack, s settings.Settings, now time.Time) {
	for i, note := range settings.ExpiredNotes(s, now) {
		awscdk.Annotations_Of(stack).AddWarningV2(jsii.String(fmt.Sprintf("trailkeeper:expired-%d", i)), jsii.String(note))
	}
}

// warnAccount says at synth that the deployment leaves out the account that it is in.
func warnAccount(stack awscdk.Stack, s settings.Settings, likely string) {
	if note := settings.OwnAccountNote(s, likely); note != "" {
		awscdk.Annotations_Of(stack).AddWarningV2(jsii.String("trailkeeper:accounts"), jsii.String(note))
	}
}
