package read

import (
	"errors"
	"strings"
	"testing"

	"trailkeeper/events"
)

// TestTooManyValues: a record of so many values that to decode them would take hundreds of MiB is named with its
// place, in whatever form it comes, and costs no other record.
func TestTooManyValues(t *testing.T) {
	const many = 1 << 19
	objects := strings.Repeat("{},", many) + "0"
	numbers := strings.Repeat("0,", many) + "0"
	for name, tt := range map[string]struct{ text, where string }{
		"a record":             {`{"eventName":"B","eventSource":"b","x":[` + objects + `]}`, "line 1, record 2"},
		"many members":         {`{"eventName":"B","eventSource":"b"` + strings.Repeat(`,"":0`, many) + `}`, "line 1, record 2"},
		"the same, with space": {`{"eventName":"B","eventSource":"b"` + strings.Repeat(`,"": 0`, many) + `}`, "line 1, record 2"},
		"many texts":           {`{"eventName":"B","eventSource":"b"` + strings.Repeat(`,"":""`, many) + `}`, "line 1, record 2"},
		"a row":                {`{"eventname":"B","eventsource":"b","row":[` + numbers + `]}`, "line 1, record 2"},
		"a text in a row":      {`{"eventname":"B","eventsource":"b","requestparameters":"[` + objects + `]"}`, "line 1, record 2, record 1"},
		"Athena":               {`{"ResultSet":{"Rows":[` + objects + `]}}`, "line 1, record 2"},
		"a text":               {quote(`{"eventName":"B","eventSource":"b","x":[` + objects + `]}`), "line 1, record 2, line 1"},
		"PutEvents":            {`{"Source":"a","DetailType":"b","Detail":` + quote(`{"x":[`+objects+`]}`) + `}`, "line 1, record 2"},
	} {
		took, _, _ := allocated(t, strings.NewReader(`{"Records":[`+tt.text+`]}`))
		if took > 64<<20 {
			t.Errorf("%s: %d MiB", name, took>>20)
		}
		var got []string
		for r, err := range All(strings.NewReader(`{"Records":[` + callA + "," + tt.text + "," + callB + "]}")) {
			switch {
			case err == nil:
				got = append(got, string(r.Name()))
			case strings.HasPrefix(tt.where, r.Where()) && (errors.Is(err, errTooMany) || name == "PutEvents"):
				got = append(got, "refused")
			default:
				t.Errorf("%s: %s: %v", name, r.Where(), err)
			}
		}
		if s := strings.Join(got, " "); s != "A refused B" {
			t.Errorf("%s: %s", name, s)
		}
	}
}

// TestLargeEvents: what CloudTrail may write is read: an event of 1 MB of small values, and one of 2 MB of long ones.
func TestLargeEvents(t *testing.T) {
	head := `{"eventName":"B","eventSource":"b","x":`
	for name, text := range map[string]string{
		"1 MB": head + `[` + strings.Repeat(`{"S":"1"},`, 1<<20/10-1) + `0]}`,
		"2 MB": head + `[` + strings.Repeat(`{"cidrIp":"10.0.0.1/32"},`, 2<<20/25) + `0]}`,
	} {
		read := 0
		for r, err := range All(strings.NewReader(`{"Records":[` + callA + "," + text + "," + callB + "]}")) {
			if err != nil {
				t.Errorf("%s: %s: %v", name, r.Where(), err)
			} else if _, err := r.Event(); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			read++
		}
		if _, err := events.ParseLogged([]byte(text), events.Log{}); err != nil || read != 3 {
			t.Errorf("%s: %d records, %v", name, read, err)
		}
	}
}

// TestColumnsOfAthena: the name of a column stands in each record that is made: a long one would make gigabytes of a
// few bytes.
func TestColumnsOfAthena(t *testing.T) {
	row := `{"Data":[{"VarCharValue":"0"}]}`
	text := `{"ResultSet":{"Rows":[{"Data":[{"VarCharValue":"` + strings.Repeat("x", 1<<20) + `"}]}` +
		strings.Repeat(","+row, 30_000) + `]}}`
	took, records, errs := allocated(t, strings.NewReader(text))
	if took > 64<<20 || records != 0 || errs != 1 {
		t.Errorf("%d MiB, %d records, %d errors", took>>20, records, errs)
	}
}
