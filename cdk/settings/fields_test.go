package settings

import "reflect"

// fields counts the fields that a setting can reach. The wordings are one field and one row for each rule.
func fields(v any) int {
	n := 0
	for f, value := range reflect.ValueOf(v).Fields() {
		switch {
		case f.Name == "Wording":
			n += len(wordingKeys)
		case value.Kind() == reflect.Struct:
			n += fields(value.Interface())
		default:
			n++
		}
	}
	return n
}
