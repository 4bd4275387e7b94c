package read

import (
	"fmt"
	"strings"
	"testing"

	"trailkeeper/events"
)

const (
	identityA = `"userIdentity":{"type":"AssumedRole","principalId":"AROAEXAMPLE:worker","arn":"arn:aws:sts::` +
		`111122223333:assumed-role/worker/worker","accountId":"111122223333","sessionContext":{"attributes":{}}},`
	restA = `"eventTime":"2026-03-02T12:00:00Z","eventSource":"ec2.amazonaws.com","eventName":"DescribeTags",` +
		`"awsRegion":"eu-west-1","requestParameters":{"a":[1,{"b":"\""}]},"responseElements":null,"readOnly":true,` +
		`"resources":[{"a":1}],"recipientAccountId":"111122223333"}`
	// In the order in which CloudTrail writes them, so that runs of it are kept.
	frontC = `"eventTime":"2026-03-02T12:00:00Z","eventSource":"ec2.amazonaws.com","eventName":"DescribeTags",` +
		`"awsRegion":"eu-west-1","sourceIPAddress":"198.51.100.7","userAgent":"aws-cli/2.17.9 md/awscrt#0.20.11",`
	backC = `"requestID":"1","eventID":"2","readOnly":true,"eventType":"AwsApiCall","recipientAccountId":"111122223333"}`
)

// readQuickly are records that quick reads.
var readQuickly = []string{
	`{` + identityA + restA,
	`{"eventVersion":"1.11",` + identityA + restA,
	`{"eventVersion":"1.11","userIdentity":null,` + restA,
	`{"errorCode":"AccessDenied",` + strings.Replace(identityA, "AssumedRole", "Root", 1) + restA,
	`{"errorCode":null,"eventName":"X","eventSource":"s"}`,
	`{` + identityA + frontC + backC,
	`{` + identityA + frontC + strings.Replace(backC, "true", "false", 1),
	`{` + identityA + strings.Replace(frontC, "Tags", "Tagz", 1) + backC,
	`{` + identityA + frontC + `"requestParameters":{"a":"b"},` + backC,
	`{` + frontC + strings.Replace(backC, `"recipientAccountId":"111122223333"`, identityA[:len(identityA)-1], 1),
	`{"more":"é","eventName":"X","eventSource":"s","and":{"more":[]}}`,
	`{"userIdentity":{"type":null},"eventName":"X","eventSource":"s"}`,
	`{"userIdentity":{"a":{"type":"A"},"type":"B","b":[{"type":"C"}]},"eventName":"X","eventSource":"s"}`,
	`{"errorMessage":"is not authorized: \"a\" \u003d\\","eventName":"X","eventSource":"s","more":"\n"}`,
	`{"userIdentity":{"a":[],"b":{},"c":[1,-2.5e3,0,true,false,null,"\"",[[]]]},"eventName":"X","eventSource":"s"}`,
}

// readSlowly are those, and nearly those, that it leaves to scanner.
var readSlowly = []string{
	`{` + identityA + frontC + `"eventName":"Y",` + backC, `{` + identityA + frontC + `"recipientAccountId":"1",` + backC,
	`{"awsRegion":"eu-west-2",` + identityA + frontC + backC, `{` + identityA + frontC + identityA + backC,
	`{}`, `[]`, ``, `{"eventName":"X"}`, `{"eventSource":"X"}`, `{"eventName":"X","eventSource":"aws:s3"}`,
	`{"eventName":"X", "eventSource":"s"}`, `{"eventName":"X","eventSource":"s" }`, `{"eventName":"X","eventSource":"s"]`,
	`{"eventName":"X","eventName":"X","eventSource":"s"}`, `{"event\u004eame":"X","eventSource":"s","eventName":"X"}`,
	`{"eventName":"\u0058","eventSource":"s"}`,
	`{"eventName":"é","eventSource":"s"}`,
	`{"eventName":"","eventSource":"s"}`,
	`{"detail":{},"eventName":"X","eventSource":"s"}`, `{"source":"a","eventName":"X","eventSource":"s"}`,
	`{"insightDetails":null,"eventName":"X","eventSource":"s"}`, `{"Records":[1],"eventName":"X","eventSource":"s"}`,
	`{"errorCode":"","eventName":"X","eventSource":"s"}`, `{"errorCode":[],"eventName":"X","eventSource":"s"}`,
	`{"userIdentity":"Root","eventName":"X","eventSource":"s"}`, `{"userIdentity":[],"eventName":"X","eventSource":"s"}`,
	`{"userIdentity":{"type":"A","type":"B"},"eventName":"X","eventSource":"s"}`,
	`{"userIdentity":{"t\u0079pe":"A"},"eventName":"X","eventSource":"s"}`,
	`{"userIdentity":{"type":"Ro\u006ft"},"eventName":"X","eventSource":"s"}`,
	`{"userIdentity":{"type":""},"eventName":"X","eventSource":"s"}`,
	`{"errorMessage":"\x","eventName":"X","eventSource":"s"}`, `{"errorMessage":"\u12","eventName":"X","eventSource":"s"}`,
	"{\"errorMessage\":\"\\\"\n\",\"eventName\":\"X\",\"eventSource\":\"s\"}",
	`{"userIdentity":{"a":{"type":"A"},"type":"B","type":"C"},"eventName":"X","eventSource":"s"}`,
	`{"userIdentity":{"type":7},"eventName":"X","eventSource":"s"}`,
	`{"userIdentity":{},"userIdentity":{},"eventName":"X","eventSource":"s"}`,
	`{"eventTime":7,"eventName":"X","eventSource":"s"}`, `{"awsRegion":null,"eventName":"X","eventSource":"s"}`,
	`{"readOnly":nullx,"eventName":"X","eventSource":"s"}`, `{"readOnly":tru,"eventName":"X","eventSource":"s"}`,
	"{\"userAgent\":\"\n\",\"eventName\":\"X\",\"eventSource\":\"s\"}",
	`{"requestParameters":{"a" 1},"eventName":"X","eventSource":"s"}`,
	`{"requestParameters":{"a":"1",},"eventName":"X","eventSource":"s"}`,
	`{"userAgent":"\x","eventName":"X","eventSource":"s"}`,
	`{` + strings.TrimSuffix(identityA, `},`) + `}` + restA,
	`{"more":` + strings.Repeat("[", maxDepth) + strings.Repeat("]", maxDepth) + `,"eventName":"X","eventSource":"s"}`,
}

func said(h events.Head) string {
	texts := [][]byte{h.EventName, h.EventSource, h.EventTime, h.Region, h.Account, h.IdentityType, h.ErrorCode}
	return fmt.Sprintf("%q %t", texts, h.Failed)
}

// agrees fails where a record that quick reads is none of scanner's, or says something else there.
func agrees(t *testing.T, q *quick, text string) (isQuick bool) {
	t.Helper()
	s := scanner{final: true, lists: true}
	n, err := q.record([]byte(text))
	if err != nil || n == 0 {
		return false
	}
	want, err := s.value([]byte(text))
	o := object{[]byte(text)[:n], s.members}
	if err != nil || want != n || string(o.plainName()) != string(q.head.EventName) {
		t.Fatalf("%q: quick reads %d bytes, %q; the scanner %d, %v, %q", text, n, q.head.EventName, want, err, o.plainName())
	}
	head, known := headOf(o)
	if got, want := said(q.head), said(head); got != want || !known {
		t.Fatalf("%q: quick sees %s, the scanner %s, %t", text, got, want, known)
	}
	return true
}

// TestQuick: whatever came before a record, it is read as it should be, and every part of one as none.
func TestQuick(t *testing.T) {
	q := newQuick()
	for _, before := range append(readQuickly, readSlowly...) {
		for i, text := range append(readQuickly, readSlowly...) {
			_, _ = q.record([]byte(before))
			if want, got := i < len(readQuickly), agrees(t, q, text); got != want {
				t.Errorf("%.200q behind %.200q: quick %t", text, before, got)
			}
			if len(text) > 1000 {
				continue
			}
			for end := range text {
				if n, _ := q.record([]byte(text[:end])); n != 0 {
					t.Errorf("%q is a record", text[:end])
				}
			}
		}
	}
}

// FuzzQuick: whatever records came before, a record that quick reads is one of scanner's and says the same.
func FuzzQuick(f *testing.F) {
	for _, before := range readQuickly {
		for _, text := range append(readQuickly, readSlowly[:len(readSlowly)-1]...) {
			f.Add(before, text)
		}
	}
	f.Fuzz(func(t *testing.T, before, text string) {
		q := newQuick()
		for _, one := range []string{before, text, before, text, text} {
			agrees(t, q, one)
		}
	})
}
