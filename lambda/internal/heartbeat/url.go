package heartbeat

import (
	"net/url"

	"trailkeeper/lambda/internal/secret"
)

// maxURL bounds the URL, in bytes.
const maxURL = 2048

// refuses says what is wrong with the text under the key, and nothing where it can be pinged.
func (p *Pinger) refuses(text secret.Key) string {
	if text.Empty() {
		return secret.Named(p.Name) + " has no text under " + secret.NamedKey(p.Key) +
			"; store the heartbeat's URL there, or correct the key in the settings"
	}
	if why := Refused(text); why != "" {
		return p.where() + " " + why
	}
	return ""
}

// Refused says why a text is no URL that can be pinged, as the end of a sentence about it, and nothing where it is one:
// https with a host and no fragment, 2,048 bytes at most; a user name and password are sent as HTTP has them, or plain http on loopback for the local run.
// What it says holds nothing of the text.
func Refused(text secret.Key) string {
	u, err := url.Parse(text.Reveal())
	switch {
	case err != nil || u.Host == "" || u.Opaque != "":
		return "is not an https URL; store the one that the service shows"
	case u.Scheme != "https" && (u.Scheme != "http" || !loopback(u.Hostname())):
		return "does not start with https://; store the one that the service shows"
	case u.Fragment != "":
		return "has a fragment, which is not sent; store one without it"
	case len(text.Reveal()) > maxURL:
		return "is longer than 2,048 characters; store the one that the service shows"
	}
	return ""
}

func loopback(host string) bool { return host == "127.0.0.1" || host == "localhost" || host == "::1" }
