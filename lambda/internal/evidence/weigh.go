package evidence

import (
	"encoding/json"
	"strconv"
	"strings"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/rules/evidence/calls"
)

// kept is how many days a lifecycle that is as it should be keeps log files at the least: CloudTrail's event history has
// as much (CloudTrail User Guide, "Working with CloudTrail Event history").
const kept = 90

// weigh says of a call that succeeded what it means, and what a human must do.
func (j *judged) weigh(ev events.Event) {
	if j.call.Of == calls.LogFile {
		j.weighFile(ev.Record)
		return
	}
	a := adviceOn(j.call)
	switch request := ev.Record.RequestParameters; j.call.Event {
	case "PutBucketLifecycle":
		j.weighLifecycle(request.JSON())
	case "PutBucketVersioning":
		var v struct{ VersioningConfiguration struct{ Status string } }
		if _ = json.Unmarshal(request.JSON(), &v); v.VersioningConfiguration.Status == "Enabled" {
			a.note, j.finding.Severity = finding.NoteVersioningOn, finding.SeverityMedium
		}
		j.finding.Note(a.note)
	case "ScheduleKeyDeletion":
		j.finding.Note(a.note, number(request, "pendingWindowInDays", "30"))
	case "PutRetentionPolicy":
		j.finding.Note(a.note, number(request, "retentionInDays", "unknown"))
	default:
		j.finding.Note(a.note)
	}
	j.advise(a)
	j.finding.Advise(finding.NextReview, j.finding.Region, j.finding.EventID)
}

// number is a whole number of a request, as a text.
func number(p events.Parameters, name, without string) string {
	var all map[string]json.RawMessage
	_ = json.Unmarshal(p.JSON(), &all)
	if n, err := strconv.Atoi(string(all[name])); err == nil {
		return strconv.Itoa(n)
	}
	return without
}

// weighLifecycle says when a new lifecycle deletes files of the trails: what it deletes first of each kind.
func (j *judged) weighLifecycle(request []byte) {
	rules, read := rulesOf(request)
	prefixes := prefixesOf(j.baselines)
	var first expiry
	var current, noncurrent string // the prefixes
	for _, prefix := range prefixes {
		of := soonest(rules, prefix)
		if of.current.sooner(first.current) {
			first.current, current = of.current, prefix
		}
		if of.noncurrent.sooner(first.noncurrent) {
			first.noncurrent, noncurrent = of.noncurrent, prefix
		}
	}
	for _, d := range []days{first.current, first.noncurrent} {
		if d.sooner(days{kept, true}) {
			j.finding.Severity = finding.SeverityCritical
		}
	}
	switch {
	case !read:
		j.finding.Note(finding.NoteLifecycleUnread)
	case !first.current.set && !first.noncurrent.set:
		j.finding.Severity = finding.SeverityMedium
		j.finding.Note(finding.NoteLifecycleKeeps, shown(strings.Join(prefixes, ", ")))
	}
	switch {
	case first.current == atOnce:
		j.finding.Note(finding.NoteLifecycleDated, shown(current))
	case first.current.set:
		j.finding.Note(finding.NoteLifecycleExpires, shown(current), first.current.n)
	}
	if first.noncurrent.set {
		j.finding.Note(finding.NoteLifecycleNoncurrent, shown(noncurrent), first.noncurrent.n)
	}
}

// maxPrefixes bounds the commands of one message that differ in the prefix of a trail's files alone.
const maxPrefixes = 3

// weighFile says of deleted files which they were, as far as the record does.
func (j *judged) weighFile(rec events.Record) {
	bucket, key := rec.RequestParameters.Text("bucketName"), rec.RequestParameters.Text("key")
	prefixes := []string{key}
	switch {
	case key == "":
		j.finding.Note(finding.NoteFilesDeleted)
		prefixes = prefixesOf(j.baselines)
	case strings.Contains(key, "/CloudTrail-Digest/"):
		j.finding.Note(finding.NoteDigestDeleted, shown(key))
	default:
		j.finding.Note(finding.NoteLogFileDeleted, shown(key))
	}
	if version := rec.RequestParameters.Text("versionId"); version != "" && key != "" {
		j.finding.Note(finding.NoteVersionDeleted, shown(version))
	}
	for _, prefix := range prefixes[:min(len(prefixes), maxPrefixes)] {
		j.finding.Advise(finding.NextVersionsOf, bucket, prefix)
	}
	j.finding.Advise(finding.NextReviewData)
}

// advise adds the command with which a human compares or undoes what the call did.
func (j *judged) advise(a advice) {
	s := j.finding.Subject
	switch {
	case j.call.Event == "DeleteBucket" || j.call.Event == "CreateBucket":
		j.finding.Advise(finding.NextOwnerOf, s.Name, j.owner())
		return
	case a.verb == "":
		return
	}
	if s.Type == lakeStore {
		a.option = "event-data-store"
	}
	value := s.Name
	if s.ARN != "" && a.service != "s3api" && a.service != "logs" {
		value = s.ARN
	}
	id := finding.NextCompareByHand
	if a.undoes {
		id = finding.NextUndo
	}
	j.finding.Advise(id, a.service, a.verb, s.Region, a.option, value)
	if a.verb == "cancel-key-deletion" { // it leaves the key disabled
		j.finding.Advise(id, a.service, "enable-key", s.Region, a.option, value)
	}
}

// owner is the account that owns the bucket of the trails, or is taken to.
func (j *judged) owner() string {
	for _, b := range j.baselines {
		if b.Bucket != nil {
			return b.Bucket.Owner
		}
	}
	for _, b := range j.baselines {
		if account, _, _ := b.Trail.Home(); account != "" {
			return account
		}
	}
	return j.finding.Account
}
