package events

import (
	"encoding/json"
	"errors"
	"testing"
)

// TestParseLogged: what the file's name says stands in the envelope, and the record is as it was.
func TestParseLogged(t *testing.T) {
	const record = `{"eventName":"StopLogging","eventSource":"cloudtrail.amazonaws.com","eventID":"e-1",` +
		`"recipientAccountId":"111122223333","awsRegion":"eu-west-1","eventTime":"2026-03-02T09:15:27Z"}`
	ev, err := ParseLogged([]byte(record), Log{"444455556666", "us-east-1"})
	if err != nil || ev.Kind != KindRecord || !ev.Logged || !ev.Wrapped || ev.Account != "444455556666" ||
		ev.Region != "us-east-1" || ev.Record.RecipientAccountID != "111122223333" || ev.Record.Region != "eu-west-1" ||
		ev.Source != "aws.cloudtrail" {
		t.Errorf("%+v, %v", ev, err)
	}
	var envelope struct {
		Account, Region string
		Detail          json.RawMessage
	}
	if err := json.Unmarshal(ev.JSON(), &envelope); err != nil || envelope.Account != "444455556666" ||
		envelope.Region != "us-east-1" || string(envelope.Detail) != record {
		t.Errorf("%s, %v", ev.JSON(), err)
	}
	for _, other := range []string{
		``, `null`, `[` + record + `]`, `{"eventName":"A"}`, record[1:], `{"source":"aws.s3","detail":` + record + `}`,
		`{"detail":{},"eventName":"A","eventSource":"b"}`, `{"source":"trailkeeper","detail-type":"Trailkeeper Redrive"}`,
		`{"source":"aws.events","detail-type":"Scheduled Event"}`,
	} {
		if ev, err := ParseLogged([]byte(other), Log{}); err == nil || ev.Logged {
			t.Errorf("%s: %+v", other, ev)
		}
	}
	if _, err := ParseLogged([]byte(`{"source":"aws.s3","detail":`+record+`}`), Log{}); !errors.Is(err, ErrUnknown) {
		t.Error(err)
	}
}
