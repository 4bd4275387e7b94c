package watch

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

// bomb packs well, unpacks to half a gigabyte, and is no log.
func bomb(t *testing.T) []byte {
	t.Helper()
	var one, all bytes.Buffer
	z := gzip.NewWriter(&one)
	if _, err := z.Write(make([]byte, 1<<20)); err != nil || z.Close() != nil {
		t.Fatal(err)
	}
	for range 512 {
		all.Write(one.Bytes())
	}
	return all.Bytes()
}

// TestBadInput: each bad file is named with its bucket, its key and what is wrong, it alone goes back to the queue and
// at last to the dead-letter queue, and every good record, beside it or in it, is reported once.
func TestBadInput(t *testing.T) {
	c := sources(t, "queue")
	whole := logOf(signIn(t, "1"), signIn(t, "2"))
	large := strings.Replace(signIn(t, "3"), "{", `{"additionalEventData":{"x":"`+strings.Repeat("x", 2<<20)+`"},`, 1)
	tooLarge := strings.Replace(signIn(t, "4"), "{", `{"additionalEventData":{"x":"`+strings.Repeat("x", 5<<20)+`"},`, 1)
	bad := map[string]struct{ body, says string }{
		"truncated": {whole[:len(whole)-8], "byte "},
		"bomb":      {string(bomb(t)), "byte "},
		"picture":   {"\x89PNG\r\n\x1a\n0000", "a picture"},
		"text":      {"id,name\n1,a\n", "byte "},
		"empty":     {"", "empty"},
		"too-large": {logOf(signIn(t, "5"), tooLarge, signIn(t, "6")), "byte "},
		"odd":       {logOf(signIn(t, "7"), `{"eventName":7}`, signIn(t, "8")), "record 2"},
	}
	for name, one := range bad {
		c.PutObject("org-logs", logKey(name), []byte(one.body))
	}
	c.PutObject("org-logs", logKey("good"), []byte(logOf(signIn(t, "9"))))
	c.PutObject("org-logs", logKey("2-MB"), []byte(logOf(large)))
	c.PutObject("org-logs", logKey("gone"), []byte(logOf(signIn(t, "10"))))
	c.RemoveObject("org-logs", logKey("gone"))
	run(t, c)

	told := published(c)
	for _, id := range []string{"1", "2", "3", "5", "6", "7", "8", "9"} {
		if n := count(told, "\nEvent ID        "+id+"\n"); n != 1 {
			t.Errorf("record %s was reported %d times", id, n)
		}
	}
	if n := count(told, "log file of CloudTrail was removed"); n != 1 || len(told) != 9 {
		t.Errorf("%d removals in %d messages", n, len(told))
	}
	var dead []string
	for _, m := range c.Queued()["Dead"] {
		var in struct {
			Records []struct {
				S3 struct{ Object struct{ Key string } }
			}
		}
		if err := json.Unmarshal([]byte(m.Body), &in); err != nil || m.Receives != 3 {
			t.Errorf("%v, received %d times: %s", err, m.Receives, m.Body)
		}
		key := in.Records[0].S3.Object.Key
		dead = append(dead, key)
	}
	want := []string{logKey("gone")}
	for name := range bad {
		want = append(want, logKey(name))
	}
	slices.Sort(dead)
	slices.Sort(want)
	if !slices.Equal(dead, want) || len(c.Queued()["Objects"]) > 0 {
		t.Errorf("dead %q, want %q", dead, want)
	}
	logged := strings.Split(c.Emitted(), "\n")
	named := func(name, says string) bool {
		return slices.ContainsFunc(logged, func(line string) bool {
			return strings.Contains(line, "log file not read") && strings.Contains(line, `"bucket":"org-logs"`) &&
				strings.Contains(line, `"key":"`+logKey(name)) && strings.Contains(line, says)
		})
	}
	for name, one := range bad {
		if !named(name, one.says) {
			t.Errorf("%s is not named with %q", name, one.says)
		}
	}
	if !named("gone", "NoSuchKey") && !named("gone", "AccessDenied") {
		t.Error("the object that vanished is not named")
	}
	if lost := unwell(c); len(lost) > 0 {
		t.Errorf("%q", lost)
	}
}
