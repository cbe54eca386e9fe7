"""The linear models that the estimators start from: linear algebra over blocks of rows."""
