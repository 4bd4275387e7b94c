package settings

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
)

// Markdown returns the table of all settings with their defaults and what they mean, as cdk/README.md shows it.
func Markdown() string {
	var b strings.Builder
	b.WriteString("| Setting | Default | Meaning |\n|---|---|---|\n")
	defaults := Defaults()
	for _, row := range table() {
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", row.key, shownDefault(row.value(&defaults)), row.doc)
	}
	return b.String()
}

func shownDefault(v any) string {
	if v == nil ||
		reflect.ValueOf(v).IsZero() && reflect.TypeOf(v).Kind() != reflect.Bool && reflect.TypeOf(v).Kind() != reflect.Int {
		return ""
	}
	raw, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	return "`" + strings.Trim(string(raw), `"`) + "`"
}
