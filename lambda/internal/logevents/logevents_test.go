package logevents_test

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"trailkeeper/lambda/internal/logevents"
)

func packed(text string) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = io.WriteString(z, text)
	_ = z.Close()
	return b.Bytes()
}

func payload(data []byte) []byte {
	return fmt.Appendf(nil, `{"awslogs":{"data":%q}}`, base64.StdEncoding.EncodeToString(data))
}

const (
	head = `"messageType":"DATA_MESSAGE","owner":"111122223333","logGroup":"CloudTrail/logs",` +
		`"logStream":"111122223333_CloudTrail_eu-west-1","subscriptionFilters":["trailkeeper"]`
	logged  = `"logEvents":[{"id":"1","timestamp":1772442927000,"message":"{\"eventName\":\"StopLogging\"}"}]`
	control = `{"messageType":"CONTROL_MESSAGE","owner":"CloudwatchLogs","logGroup":"","logStream":"",` +
		`"subscriptionFilters":[],"logEvents":[{"id":"","timestamp":1,"message":"CWL CONTROL MESSAGE: Checking health."}]}`
)

func TestRead(t *testing.T) {
	want := logevents.Batch{
		Owner:  "111122223333",
		Group:  "CloudTrail/logs",
		Stream: "111122223333_CloudTrail_eu-west-1",
	}
	for name, text := range map[string]string{
		"as AWS writes it": "{" + head + "," + logged + "}",
		"events first":     "{" + logged + "," + head + "}",
		"unknown members":  `{"policyLevel":"ACCOUNT_LEVEL_POLICY","x":{"y":[1,{}]},` + head + "," + logged + "}",
		"twice":            `{` + head + `,"owner":"444455556666",` + logged + "}",
	} {
		want.Packed = packed(text)
		got, err := logevents.Read(payload(want.Packed))
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%s: %v (-want +got)\n%s", name, err, diff)
		}
	}
	if got, err := logevents.Read(payload(packed(control))); err != nil || !got.Control {
		t.Errorf("control message: %+v, %v", got, err)
	}
}

func TestReadErrors(t *testing.T) {
	deep := strings.Repeat("[", 40) + strings.Repeat("]", 40)
	for want, data := range map[string][]byte{
		"is not base64":                     nil,
		"is not packed with gzip":           []byte("{}"),
		"unexpected EOF":                    packed("{" + head + "}")[:30],
		"no JSON object":                    packed("[]"),
		"invalid character":                 packed(`{"owner":1x}`),
		`messageType "X"; want`:             packed(`{"messageType":"X","owner":"1","logGroup":"g","logStream":"s"}`),
		`messageType "";`:                   packed(`{"owner":"1"}`),
		"not both owner and logGroup":       packed(`{"messageType":"DATA_MESSAGE","owner":"1","logGroup":{}}`),
		"nested more than 32":               packed(`{"x":` + deep + "}"),
		"its logGroup has 513 bytes":        packed(`{"logGroup":"` + strings.Repeat("x", 513) + `"}`),
		"a value in it has more than 8 MiB": packed(`{"x":"` + strings.Repeat("x", 9<<20) + `"}`),
	} {
		of := payload(data)
		if data == nil {
			of = []byte(`{"awslogs":{"data":"*"}}`)
		}
		if _, err := logevents.Read(of); err == nil || !strings.Contains(err.Error(), want) ||
			errors.Is(err, logevents.ErrOther) {
			t.Errorf("%v; want %s", err, want)
		}
	}
	for _, other := range []string{
		"", "[]", "{}", `{"awslogs":1}`, `{"awslogs":{}}`, `{"awslogs":{"data":null}}`, `{"awslogs":{"data":7}}`, `{"Records":[]}`,
	} {
		if _, err := logevents.Read([]byte(other)); !errors.Is(err, logevents.ErrOther) || logevents.Is([]byte(other)) {
			t.Errorf("%s: %v", other, err)
		}
	}
}

// TestBomb: what unpacks to a great deal is given up before it is all unpacked, and what unpacks to a little less is read.
func TestBomb(t *testing.T) {
	event := "{}," + strings.Repeat(" ", 3<<20) // between values, as in one, 8 MiB may stand
	batch := func(length int) []byte {
		var b bytes.Buffer
		z, _ := gzip.NewWriterLevel(&b, gzip.BestSpeed)
		n, _ := io.WriteString(z, `{"logEvents":[`)
		for n+len(event) < length-len(event) {
			more, _ := io.WriteString(z, event)
			n += more
		}
		end := `{}],` + head + `}`
		_, _ = io.WriteString(z, strings.Repeat(" ", length-n-len(end))+end)
		_ = z.Close()
		return b.Bytes()
	}
	if got, err := logevents.Read(payload(batch(64 << 20))); err != nil || got.Group != "CloudTrail/logs" {
		t.Errorf("of 64 MiB: %+v, %v", got, err)
	}
	const want = "it unpacks to more than 64 MiB"
	if _, err := logevents.Read(payload(batch(64<<20 + 1<<10))); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("of a KiB more: %v; want %s", err, want)
	}
}

// FuzzRead: what is read is within its bounds, and packed as it came.
func FuzzRead(f *testing.F) {
	for _, text := range []string{"{" + head + "," + logged + "}", "{" + logged + "," + head + "}", control, "[]", "{"} {
		f.Add([]byte(text), true)
	}
	f.Add([]byte(`{"awslogs":{"data":"H4sI"}}`), false)
	f.Fuzz(func(t *testing.T, text []byte, pack bool) {
		of := text
		if pack {
			of = payload(packed(string(text)))
		}
		b, err := logevents.Read(of)
		if err != nil {
			return
		}
		if !b.Control && (b.Owner == "" || b.Group == "") || len(b.Owner)+len(b.Group)+len(b.Stream) > 3*512 {
			t.Errorf("read %+v", b)
		}
		if pack && !bytes.Equal(b.Packed, packed(string(text))) {
			t.Error("it is not as it came")
		}
		if !json.Valid(of) {
			t.Error("no JSON")
		}
	})
}
