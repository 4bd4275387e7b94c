package route

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Format writes the list as the file, for review: indented, with a line feed at the end.
func Format(l List) ([]byte, error) {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(l); err != nil {
		return nil, fmt.Errorf("write the routes: %w", err)
	}
	return out.Bytes(), nil
}

// Parse reads the file. It refuses what it does not know; Check says what cannot be meant.
func Parse(content []byte) (List, error) {
	var l List
	d := json.NewDecoder(bytes.NewReader(content))
	d.DisallowUnknownFields()
	err := d.Decode(&l)
	if err == nil {
		if _, more := d.Token(); !errors.Is(more, io.EOF) {
			err = errors.New("there is more behind the first JSON object")
		}
	}
	if err != nil {
		return List{}, fmt.Errorf("%s: no list of routes: %s", FileName, strings.TrimPrefix(err.Error(), "json: "))
	}
	return l, nil
}
