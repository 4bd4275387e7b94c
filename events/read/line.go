package read

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// maxProse is how many lines without JSON that follow each other are named.
const maxProse = 3

// readLine reads a line that does not begin with JSON: as `logs tail`, an export of CloudWatch Logs, the AWS CLI's text
// and table, or syslog write it, with the record somewhere in it; base64; or a whole text of YAML.
func readLine(r *walker, at Place) error {
	held := r.w.hold(maxLine)
	end := bytes.IndexByte(held, '\n')
	if end < 0 {
		end = len(held)
	}
	if start := jsonIn(held[:end]); start >= 0 {
		r.w.at += start
		r.prose = 0
		if err := r.object(at); err != nil {
			return err
		}
		r.w.skipLine()
		return nil
	}
	line := string(bytes.TrimSpace(held[:end]))
	first := r.given == 0
	switch {
	case first && isYAML(line):
		return yaml{r}.read()
	case first && isCSV(line):
		return brokenError{at, errCSV, true}
	case isPacked([]byte(line)):
		return readBase64(r, at)
	}
	r.w.skipLine()
	if isFrame(line) || isBefore(line, string(r.w.hold(len("MESSAGES\t")))) {
		return nil
	}
	if r.prose++; r.prose > maxProse {
		return nil
	}
	return r.refuse(at, fmt.Errorf("no JSON: %.60q", line))
}

// jsonIn is where an object begins behind a blank or the edge of a table's cell, or -1.
func jsonIn(line []byte) int {
	for at := 0; ; at++ {
		next := bytes.IndexByte(line[at:], '{')
		if next < 0 {
			return -1
		}
		if at += next; at > 0 && bytes.IndexByte([]byte(" \t|"), line[at-1]) >= 0 {
			return at
		}
	}
}

// isFrame tells the lines of the AWS CLI's table and text that hold no record.
func isFrame(line string) bool {
	if line == "" || line[0] == '|' || line[0] == '+' || strings.Trim(line, "-") == "" {
		return true
	}
	for _, start := range []string{"RESOURCES\t", "SEARCHEDLOGSTREAMS\t", "NEXTTOKEN\t", "b/", "f/"} {
		if strings.HasPrefix(line, start) {
			return true
		}
	}
	return line == "None"
}

// isBefore tells the line that stands before a record: a token in the CLI's text, and in `logs tail --format json`
// the time and the stream.
func isBefore(line, next string) bool {
	return strings.HasPrefix(next, "EVENTS\t") || strings.HasPrefix(next, "MESSAGES\t") ||
		strings.HasPrefix(next, "{") && len(line) > 4 && strings.Trim(line[:4], "0123456789") == "" && line[4] == '-'
}

// isCSV tells the names of columns.
func isCSV(line string) bool {
	return !strings.ContainsAny(line, "{}[]") && (strings.Count(line, ",") >= 2 ||
		strings.Count(line, ";") >= 2 && !strings.Contains(line, " "))
}

const lettersOfBase64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=\r\n"

// readBase64 reads gzip or JSON in base64 that may be broken into lines.
func readBase64(r *walker, at Place) error {
	held := r.w.hold(maxValue)
	end := bytes.IndexFunc(held, func(c rune) bool { return !strings.ContainsRune(lettersOfBase64, c) })
	if end < 0 {
		end = len(held)
	}
	text := string(held[:end])
	// Where each line is one by itself, the next begins as this did, or this is whole.
	if next := strings.Index(text[1:], "\nH4sI"); next >= 0 {
		text = text[:next+2]
	} else if next := strings.IndexByte(text, '\n'); next >= 0 {
		if line, ok := unpackBase64(text[:next]); ok && json.Valid([]byte(line)) {
			text = text[:next+1]
		}
	}
	r.w.at += len(text)
	if _, ok := unpackBase64(text); !ok {
		r.w.broken = r.w.at
		return brokenError{at, errors.New("base64 that is broken or too long"), false}
	}
	return r.open(at, "", text)
}
