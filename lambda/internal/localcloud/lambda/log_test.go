package lambda

import "testing"

// Lambda drops a line below the function's level.
func TestLevels(t *testing.T) {
	for line, want := range map[string]bool{
		`{"level":"error","timestamp":"2026-03-02T09:15:00Z"}`: true,
		`{"level":"ERROR"}`:                                   false,
		`{"timestamp":"2026-03-02T09:15:00Z"}`:                false,
		`{"level":"LOUD","timestamp":"2026-03-02T09:15:00Z"}`: false,
		`plain`: false,
		`{"level":"FATAL","timestamp":"2026-03-02T09:15:00.1Z"}`: true,
	} {
		if got := (loggingSpec{LogFormat: "JSON", ApplicationLogLevel: "ERROR"}).lets([]byte(line)); got != want {
			t.Errorf("%s: %t", line, got)
		}
	}
}
