// Package signs makes the subjects and signs by which a producer knows again what it reported.
//
// It refuses to know what they stand for and where they are kept.
package signs

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"trailkeeper/events"
)

// The signs begin with one of these: what is still wrong, and what was put right.
const (
	open  = "open:"
	done  = "done:"
	tried = open + "tried:"
)

// Open is the sign of what is wrong and stays so.
func Open(parts ...string) string { return open + Digest(parts...) }

// Tried is that of what is wrong and stays so although a repair was tried: one that AWS accepted may still work.
func Tried(parts ...string) string { return tried + Digest(parts...) }

// IsTried reports whether a sign is one of Tried.
func IsTried(sign string) bool { return strings.HasPrefix(sign, tried) }

// Done is the sign of what was put right.
func Done(parts ...string) string { return done + Digest(parts...) }

// IsOpen reports whether a sign says that something is wrong and was not put right.
func IsOpen(sign string) bool { return strings.HasPrefix(sign, open) }

// Digest stands for these parts, and for no others.
func Digest(parts ...string) string {
	h := sha256.New()
	for _, s := range parts {
		h.Write([]byte(s))
		h.Write([]byte{0})
	}
	return hex.EncodeToString(h.Sum(nil)[:12])
}

// Left is the subject of what a restore of the trail could not put back.
func Left(t events.Trail) string { return "left " + t.ARN() }
