package store

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
)

// Exists reports whether the folder holds a database.
func Exists(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, fileName))
	return err == nil
}

// DefaultDir returns the folder for the data of the user who runs the program:
// opsbook in $XDG_DATA_HOME or ~/.local/share, and on macOS and Windows where
// programs keep their data there. Lookup reads the environment.
func DefaultDir(lookup func(string) (string, bool)) (string, error) {
	if dir, ok := lookup("XDG_DATA_HOME"); ok && filepath.IsAbs(dir) {
		return filepath.Join(dir, "opsbook"), nil
	}
	if runtime.GOOS == "windows" || runtime.GOOS == "darwin" {
		dir, err := os.UserConfigDir() // data belongs there too
		if err != nil {
			return "", fmt.Errorf("no data folder: give --data: %w", err)
		}
		return filepath.Join(dir, "opsbook"), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("no data folder: give --data: %w", err)
	}
	return filepath.Join(home, ".local", "share", "opsbook"), nil
}
