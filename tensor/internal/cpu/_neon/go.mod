module github.com/gander-ml/gander/tensor/internal/cpu/neon

go 1.26.0
