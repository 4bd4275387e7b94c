package cli

import (
	"io"
	"os"
	"slices"

	"golang.org/x/term"
)

// Terminal is what a command's output can be.
type Terminal struct {
	Live  bool // somebody watches: what is shown may be replaced
	Color bool
	Width int // of a line
}

// ColorModes are the values of --color.
var ColorModes = []string{"auto", "always", "never"}

// The widths that a terminal is taken for.
const minColumns, maxColumns = 60, 120

// TerminalOf says what a command writes to. With --color auto there is colour on a terminal that can show it and for a
// user who did not set NO_COLOR (https://no-color.org). What is no terminal gets plain lines of Columns.
func TerminalOf(out io.Writer, color string, getenv func(string) string) Terminal {
	file, ok := out.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return terminalOf(false, 0, color, getenv)
	}
	width, _, err := term.GetSize(int(file.Fd()))
	if err != nil {
		width = 0
	}
	return terminalOf(true, width, color, getenv)
}

// terminalOf is TerminalOf for what is a terminal or not, and for its width; zero: some do not know theirs.
func terminalOf(terminal bool, width int, color string, getenv func(string) string) Terminal {
	t := Terminal{Color: color == "always", Width: Columns}
	if !terminal || getenv("CI") != "" {
		return t
	}
	able := getenv("TERM") != "dumb"
	t.Live = able
	t.Color = t.Color || color == "auto" && able && getenv("NO_COLOR") == ""
	if width > 0 {
		t.Width = min(max(width, minColumns), maxColumns)
	}
	return t
}

// BadColor is Bad for a value of --color.
func BadColor(color string) string {
	return Bad(slices.Contains(ColorModes, color), "color", color, "auto, always or never")
}
