package route

import (
	"fmt"

	"trailkeeper/lambda/config/file"
)

// Format writes the list as the file, for review.
func Format(l List) ([]byte, error) {
	content, err := file.Format(l)
	if err != nil {
		return nil, fmt.Errorf("write the routes: %w", err)
	}
	return content, nil
}

// Parse reads the file. It refuses what it does not know; Check says what cannot be meant.
func Parse(content []byte) (List, error) {
	l, err := file.Parse[List](content)
	if err != nil {
		return List{}, fmt.Errorf("%s: no list of routes: %w", FileName, err)
	}
	return l, nil
}
